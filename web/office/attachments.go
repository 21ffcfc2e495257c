package officeweb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/attachment"
	"fieldgate/internal/attachment/imaging"
	"fieldgate/internal/blob"
	"fieldgate/internal/customer"
	"fieldgate/internal/equipment"
	"fieldgate/internal/fault"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	"fieldgate/static"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Files are the files of jobs, quotes, equipment and customers, and the
// sending of any file to staff.
type Files struct {
	Pool   *pgxpool.Pool
	Store  blob.Store
	Queue  *queue.Client
	Notify *notify.Notifier
}

// held is something that files hang on.
type held struct {
	on      attachment.On
	name    string // as people call it: J-1001
	tab     string // the address of its tab Attachments
	section string // of the office that it belongs to
}

// Holder is a kind of thing that files hang on.
type Holder struct {
	Pattern string // of its page in the office
	seen    string // who sees a shared file
	find    func(context.Context, *pgxpool.Pool, *http.Request) (held, error)
	tab     func(*pgxpool.Pool, *http.Request, staff.Viewer, officeview.AttachmentsPanel) (templ.Component, error)
}

const seenBy = "Contacts who see this %s see the files with Y under Customer View; photos as pictures for the screen, without the place where they were taken."

// Holders are what files can hang on.
var Holders = []Holder{
	{
		"/office/jobs/{number}", fmt.Sprintf(seenBy, "job"),
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (held, error) {
			j, err := job.Find(ctx, pool, chi.URLParam(r, "number"))
			return held{attachment.On{Customer: j.CustomerID, Job: j.ID}, j.Number, route.OfficeJob(j.Number, "attachments"), route.OfficeJobs}, err
		},
		func(pool *pgxpool.Pool, r *http.Request, v staff.Viewer, p officeview.AttachmentsPanel) (templ.Component, error) {
			head, err := Jobs{Pool: pool}.head(r, v, "attachments")
			return officeview.AttachmentsOfJob(head, p), err
		},
	},
	{
		"/office/quotes/{number}", fmt.Sprintf(seenBy, "quote"),
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (held, error) {
			q, err := quote.Find(ctx, pool, chi.URLParam(r, "number"))
			return held{attachment.On{Customer: q.CustomerID, Quote: q.ID}, q.Number, route.OfficeQuote(q.Number, "attachments"), route.OfficeQuotes}, err
		},
		func(pool *pgxpool.Pool, r *http.Request, v staff.Viewer, p officeview.AttachmentsPanel) (templ.Component, error) {
			view, err := (Quotes{Pool: pool}).opened(r, v)
			view.Tab = "attachments"
			return officeview.AttachmentsOfQuote(view, p), err
		},
	},
	{
		"/office/equipment/{id}", fmt.Sprintf(seenBy, "equipment"),
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (held, error) {
			e, err := equipment.Find(ctx, pool, chi.URLParam(r, "id"))
			return held{attachment.On{Customer: e.CustomerID, Equipment: e.ID}, e.Number, route.OfficeEquipmentItem(e.PublicID, "attachments"), route.OfficeEquipment}, err
		},
		func(pool *pgxpool.Pool, r *http.Request, v staff.Viewer, p officeview.AttachmentsPanel) (templ.Component, error) {
			head, err := Equipment{Pool: pool}.head(r, v, "attachments")
			return officeview.AttachmentsOfEquipment(head, p), err
		},
	},
	{
		"/office/customers/{number}", "Files with Y under Customer View stand under My Details in the portal, for contacts who see all jobs or all quotes and are not limited to sites.",
		func(ctx context.Context, pool *pgxpool.Pool, r *http.Request) (held, error) {
			c, err := customer.ByNumber(ctx, pool, chi.URLParam(r, "number"))
			return held{attachment.On{Customer: c.ID}, c.Number, route.OfficeCustomer(c.Number, "attachments"), route.OfficeCustomers}, err
		},
		func(pool *pgxpool.Pool, r *http.Request, v staff.Viewer, p officeview.AttachmentsPanel) (templ.Component, error) {
			head, err := Customers{Pool: pool}.head(r.Context(), v, chi.URLParam(r, "number"), "attachments")
			return officeview.AttachmentsOfCustomer(head, p), err
		},
	},
}

// screen is a handler for staff.
type screen = func(http.ResponseWriter, *http.Request, staff.Viewer) error

// with makes a screen that needs to know what the files hang on.
func (h Files) with(k Holder, do func(http.ResponseWriter, *http.Request, staff.Viewer, held) error) screen {
	return func(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
		on, err := k.find(r.Context(), h.Pool, r)
		if err != nil {
			return err
		}
		return do(w, r, v, on)
	}
}

// List is the tab Attachments.
func (h Files) List(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held) error {
		first, rest, more := strings.Cut(v.Flash, "\n") // the list of reasons has a place of its own
		v.Flash = first
		p := h.panel(v, on, r)
		p.Seen, p.Nonce = k.seen, form.NewNonce()
		if more {
			p.Refused = strings.Split(rest, "\n")
		}
		var err error
		if p.Files, err = attachment.List(r.Context(), h.Pool, on.on, p.Listing.Query, p.Listing.Filters["show"]); err != nil {
			return err
		}
		if p.Counts, err = attachment.Count(r.Context(), h.Pool, on.on, p.Listing.Query.Search); err != nil {
			return err
		}
		tab, err := k.tab(h.Pool, r, v, p)
		if err != nil {
			return err
		}
		return page.Render(w, r, http.StatusOK, tab)
	})
}

// panel is the tab as the request wants to look at it, or will come back to it.
func (h Files) panel(v staff.Viewer, on held, r *http.Request) officeview.AttachmentsPanel {
	if r.Form == nil {
		_ = r.ParseForm() // a body that cannot be read was refused where it was needed
	}
	p := officeview.AttachmentsPanel{URL: on.tab, Format: v.Format, Grid: r.Form.Get("view") == "grid"}
	p.Listing = officeview.Listing{URL: on.tab, Orders: attachment.Orders, Query: attachment.Orders.Read(r.Form), Filters: map[string]string{}}
	p.Listing.Query.Search = form.Line(strings.ToValidUTF8(p.Listing.Query.Search, ""))
	if show := r.Form.Get("show"); slices.Contains(attachment.Shows, show) {
		p.Listing.Filters["show"] = show
	}
	if p.Grid {
		p.Listing.Filters["view"] = "grid"
	}
	return p
}

// Upload adds files, hidden from the customer. Those that are refused do not
// cost the others.
func (h Files) Upload(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held) error {
		ctx := r.Context()
		sent, err := upload.Receive(w, r)
		if err != nil {
			return err
		}
		defer sent.Close()
		err = attachment.Storing(ctx, h.Store, sent.Files, func(files []attachment.Stored) error {
			return postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error { return attachment.Add(ctx, tx, v.Actor(), h.Queue, on.on, files) })
		})
		if err != nil {
			return err
		}
		if upload.Scripted(r) {
			return sent.Answer(w)
		}
		words := strings.Join(append([]string{added(len(sent.Files), len(sent.Refused))}, sent.Reasons()...), "\n")
		if len(sent.Files) == 0 || len(sent.Refused) > 0 {
			session.Warn(ctx, words)
		} else {
			session.Flash(ctx, words)
		}
		r.Form = r.URL.Query()
		return page.See(w, r, h.panel(v, on, r).Here())
	})
}

func added(taken, refused int) string {
	switch {
	case taken == 0 && refused == 0:
		return "Choose the files first."
	case taken == 0:
		return ""
	case taken == 1:
		return "One file was added. It is hidden from the customer."
	}
	return fmt.Sprintf("%d files were added. They are hidden from the customer.", taken)
}

// Share makes the ticked files viewable in the customer portal, or hides them.
func (h Files) Share(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held) error {
		ctx := r.Context()
		ticked, choice := form.Many(r, "attachment"), form.Text(r, "visible")
		if choice != "yes" && choice != "no" {
			return fault.Refuse("Choose whether the files are viewable or hidden.")
		}
		visible := choice == "yes"
		var changed []int64
		err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
			if changed, err = attachment.Share(ctx, tx, v.Actor(), on.on, ticked, visible); err != nil || !visible || len(changed) == 0 {
				return err
			}
			return h.Notify.FilesShared(ctx, tx, changed)
		})
		if err != nil {
			return err
		}
		if len(ticked) == 0 {
			session.Warn(ctx, tickFirst)
		} else {
			session.Flash(ctx, shared(len(changed), visible))
		}
		return page.See(w, r, h.panel(v, on, r).Here())
	})
}

const tickFirst = "Tick the files first."

func shared(changed int, visible bool) string {
	files, are := "files", "are"
	if changed == 1 {
		files, are = "file", "is"
	}
	switch {
	case changed == 0:
		return "Nothing had to be changed."
	case visible:
		return fmt.Sprintf("%d %s %s viewable in the customer portal now.", changed, files, are)
	}
	return fmt.Sprintf("%d %s %s hidden from the customer portal now.", changed, files, are)
}

// Download sends the originals of the ticked files, or of all, as one archive.
func (h Files) Download(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held) error {
		p := h.panel(v, on, r)
		ticked := tickedIDs(r)
		if len(ticked) == 0 && r.Form.Has("ticked") {
			session.Warn(r.Context(), tickFirst)
			return page.See(w, r, p.Here())
		}
		files, err := attachment.All(r.Context(), h.Pool, on.on, ticked...)
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return fault.NotFound
		}
		if len(files) == 1 && len(ticked) == 1 {
			return page.See(w, r, route.OfficeAttachment(files[0].PublicID)+"?save=1")
		}
		originals := make([]download.File, len(files))
		for i, f := range files {
			originals[i] = download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType, Modified: f.UploadedAt}
		}
		return download.Zip(w, r, h.Store, on.name+" files.zip", originals)
	})
}

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
func (h Files) ticked(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held) (files []attachment.File, back string, err error) {
	p := h.panel(v, on, r)
	if ids := tickedIDs(r); len(ids) > 0 {
		files, err = attachment.All(r.Context(), h.Pool, on.on, ids...)
	}
	if err == nil && len(files) == 0 {
		session.Warn(r.Context(), tickFirst)
		err = page.See(w, r, p.Here())
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
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held) error {
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

func (h Files) captions(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held, status int, f officeview.CaptionsForm) error {
	f.Page, f.URL, f.Panel, f.Back.BackLabel = officeview.Page(v, "Captions, "+on.name, on.section), again(on.tab+"/captions", r), h.panel(v, on, r), "Attachments of "+on.name
	f.Page.Narrow = true
	return page.Render(w, r, status, officeview.Captions(f))
}

// Describe saves captions. One that somebody else has written meanwhile is
// shown, and what was typed stays.
func (h Files) Describe(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held) error {
		files, back, err := h.ticked(w, r, v, on)
		if err != nil || len(files) == 0 {
			return err
		}
		typed, problems := make([]officeview.FileCaption, len(files)), problem.Set{}
		err = postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) error {
			for i, f := range files {
				field := "caption-" + f.PublicID
				typed[i] = officeview.FileCaption{File: f, Seen: form.Text(r, "seen-"+f.PublicID), Caption: form.Text(r, field)}
				err := attachment.Describe(r.Context(), tx, v.Actor(), f.PublicID, typed[i].Seen, typed[i].Caption)
				if wrong, ok := errors.AsType[problem.Set](err); ok {
					problems.Add(field, wrong["caption"])
					continue
				}
				if errors.Is(err, fault.Stale) {
					problems.Add(field, fmt.Sprintf("Somebody else has written “%s” meanwhile. Save again to replace it.", f.Caption))
					typed[i].Seen = f.Caption
					continue
				}
				if err != nil {
					return err
				}
			}
			return problems.Err()
		})
		if len(problems) > 0 {
			return h.captions(w, r, v, on, http.StatusUnprocessableEntity, officeview.CaptionsForm{Files: typed, Problems: problems, Back: ui.Heading{BackURL: back}})
		}
		if err != nil {
			return err
		}
		session.Flash(r.Context(), "Saved.")
		return page.See(w, r, back)
	})
}

// AskRemoval asks whether the ticked files shall really go.
func (h Files) AskRemoval(k Holder) screen {
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held) error {
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
	return h.with(k, func(w http.ResponseWriter, r *http.Request, v staff.Viewer, on held) error {
		files, back, err := h.ticked(w, r, v, on)
		if err != nil || len(files) == 0 {
			return err
		}
		ids := make([]string, len(files))
		for i, f := range files {
			ids[i] = f.PublicID
		}
		var n int
		err = postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) (err error) {
			n, err = attachment.Remove(r.Context(), tx, v.Actor(), ids...)
			return err
		})
		if err != nil {
			return err
		}
		words := "One file was removed."
		if n != 1 {
			words = fmt.Sprintf("%d files were removed.", n)
		}
		session.Flash(r.Context(), words)
		return page.See(w, r, back)
	})
}

// Original sends a file as it was uploaded: what browsers can show opens, the
// rest is saved, and with save=1 everything. Contacts never get a photo's
// original.
func (h Files) Original(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	f, err := attachment.Find(r.Context(), h.Pool, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	shows := f.IsPhoto() && f.MediaType != imaging.HEIC.MIME && !r.URL.Query().Has("save")
	return download.Send(w, r, h.Store, download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType, Inline: shows})
}

// Web sends the large rendition of a photo.
func (h Files) Web(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	return h.rendition(w, r, func(f attachment.File) string { return f.WebKey })
}

// Thumb sends the small rendition of a photo.
func (h Files) Thumb(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	return h.rendition(w, r, func(f attachment.File) string { return f.ThumbKey })
}

func (h Files) rendition(w http.ResponseWriter, r *http.Request, key func(attachment.File) string) error {
	f, err := attachment.Find(r.Context(), h.Pool, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	switch {
	case !f.IsPhoto():
		return fault.NotFound
	case f.State == "ready":
		return download.Send(w, r, h.Store, download.File{Key: key(f), Name: download.Rendition(f.Name), Type: imaging.JPEG.MIME, Inline: true})
	}
	drawing := "img/photo-preparing.svg"
	if f.State == "broken" {
		drawing = "img/photo-broken.svg"
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, static.URL(drawing), http.StatusFound)
	return nil
}
