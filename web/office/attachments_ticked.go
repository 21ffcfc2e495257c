package officeweb

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/office"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

const tickFirst = "Tick the files first."

// tickedIDs are the files named by a request that has been read.
func tickedIDs(r *http.Request) []string {
	ids := make([]string, 0, len(r.Form["attachment"]))
	for _, id := range r.Form["attachment"] {
		if id = form.Line(strings.ToValidUTF8(id, "")); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// ticked are the files of a page about some of them; without any it leads back.
func (h Files) ticked(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) (files []attachment.File, back string, err error) {
	p := h.panel(v, on, r)
	if ids := tickedIDs(r); len(ids) > 0 {
		files, err = attachment.All(r.Context(), h.DB, on.on, ids...)
	}
	if err == nil && len(files) == 0 {
		session.Warn(r.Context(), tickFirst)
		err = page.Redirect(w, r, p.Here())
	}
	return files, p.Here(), err
}

// again is the address of a page about ticked files, which knows the way back.
func again(url string, r *http.Request) string {
	keep := r.URL.Query()
	keep.Del("attachment")
	if len(keep) == 0 {
		return url
	}
	return url + "?" + keep.Encode()
}

// Captions is the form of the ticked files' captions.
func (h Files) Captions(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) error {
		files, back, err := h.ticked(w, r, v, on)
		if err != nil || len(files) == 0 {
			return err
		}
		typed := make([]officeview.FileCaption, len(files))
		for i, f := range files {
			typed[i] = officeview.FileCaption{File: f, Seen: f.Caption, Caption: f.Caption}
		}
		return h.captions(w, r, v, on, http.StatusOK, officeview.CaptionsForm{Files: typed, Back: ui.Heading{BackURL: back}})
	})
}

func (h Files) captions(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder, status int, f officeview.CaptionsForm) error {
	f.Page, f.URL, f.Panel, f.Back.BackLabel = officeview.Page(v, "Captions, "+on.name, on.section), again(on.tab+"/captions", r), h.panel(v, on, r), "Attachments of "+on.name
	f.Page.Narrow = true
	return page.Render(w, r, status, officeview.Captions(f))
}

// Describe saves captions. One that somebody else has written meanwhile is
// shown, and what was typed stays.
func (h Files) Describe(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) error {
		files, back, err := h.ticked(w, r, v, on)
		if err != nil || len(files) == 0 {
			return err
		}
		typed, captions := make([]officeview.FileCaption, len(files)), make([]attachment.Caption, len(files))
		for i, f := range files {
			typed[i] = officeview.FileCaption{File: f, Seen: form.Text(r, "seen-"+f.PublicID), Caption: form.Text(r, office.CaptionField(f.PublicID))}
			captions[i] = attachment.Caption{File: f.PublicID, Seen: typed[i].Seen, Text: typed[i].Caption}
		}
		stale, err := h.Office.SetCaptions(r.Context(), v, captions)
		problems, wrong := errors.AsType[problem.Set](err)
		if wrong || errors.Is(err, apperr.Stale) {
			problems = problem.Set{}.Join(problems)
			for i, f := range files {
				if slices.Contains(stale, f.PublicID) {
					problems.Add(office.CaptionField(f.PublicID), fmt.Sprintf("Somebody else has written “%s” while you had this open. Save again to replace it.", f.Caption))
					typed[i].Seen = f.Caption
				}
			}
			return h.captions(w, r, v, on, http.StatusUnprocessableEntity, officeview.CaptionsForm{Files: typed, Problems: problems, Back: ui.Heading{BackURL: back}})
		}
		if err != nil {
			return err
		}
		session.Flash(r.Context(), "Saved.")
		return page.Redirect(w, r, back)
	})
}

// AskRemoval asks whether the ticked files shall really go.
func (h Files) AskRemoval(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) error {
		files, back, err := h.ticked(w, r, v, on)
		if err != nil || len(files) == 0 {
			return err
		}
		view := officeview.FilesRemoval{
			Page: officeview.Page(v, "Remove files, "+on.name, on.section), URL: again(on.tab+"/removal", r), Files: files, Panel: h.panel(v, on, r),
			Back: ui.Heading{BackURL: back, BackLabel: "Attachments of " + on.name},
		}
		view.Page.Narrow = true
		return page.Render(w, r, http.StatusOK, officeview.RemoveFiles(view))
	})
}

// Remove takes the ticked files away.
func (h Files) Remove(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on holder) error {
		files, back, err := h.ticked(w, r, v, on)
		if err != nil || len(files) == 0 {
			return err
		}
		ids := make([]string, len(files))
		for i, f := range files {
			ids[i] = f.PublicID
		}
		n, err := h.Office.RemoveFiles(r.Context(), v, ids)
		if err != nil {
			return err
		}
		words := "One file was removed."
		if n != 1 {
			words = fmt.Sprintf("%d files were removed.", n)
		}
		session.Flash(r.Context(), words)
		return page.Redirect(w, r, back)
	})
}
