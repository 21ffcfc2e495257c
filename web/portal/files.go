package portalweb

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/static"
	"fieldgate/templates/route"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Files sends the files that a contact sees, and takes back their own.
type Files struct {
	Reader *portal.Reader
	Portal *portal.Service
	Store  blob.Store
}

// Show sends a document, a video to be played, or the large rendition of a photo.
func (h Files) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	f, err := h.Reader.File(r.Context(), v, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if f.IsPhoto() {
		return h.photo(w, r, f, f.WebKey)
	}
	return download.Send(w, r, h.Store, download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType, Inline: f.IsVideo() && !r.URL.Query().Has("save")})
}

// Thumb sends the small rendition of a photo.
func (h Files) Thumb(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	f, err := h.Reader.File(r.Context(), v, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if !f.IsPhoto() {
		return apperr.NotFound
	}
	return h.photo(w, r, f, f.ThumbKey)
}

// photo sends a rendition; while there is none, a drawing that says so.
func (h Files) photo(w http.ResponseWriter, r *http.Request, f portal.File, key string) error {
	if f.State == "ready" {
		return download.Send(w, r, h.Store, download.File{Key: key, Name: download.Rendition(f.Name), Type: "image/jpeg", Inline: true})
	}
	drawing := "img/photo-preparing.svg"
	if f.State == "broken" {
		drawing = "img/photo-broken.svg"
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, static.URL(drawing), http.StatusFound)
	return nil
}

// OfJob sends what the contact sees of a job's files as one archive.
func (h Files) OfJob(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.archive(w, r, v, portal.Holder{Job: chi.URLParam(r, "number")})
}

// OfQuote does so for a quote.
func (h Files) OfQuote(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.archive(w, r, v, portal.Holder{Quote: chi.URLParam(r, "number")})
}

// OfEquipment does so for a piece of equipment.
func (h Files) OfEquipment(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.archive(w, r, v, portal.Holder{Equipment: chi.URLParam(r, "id")})
}

// OfCustomer does so for the customer itself.
func (h Files) OfCustomer(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.archive(w, r, v, portal.Holder{})
}

// archived is a file as an archive has it, or why it is not in it.
func archived(f portal.File) (file download.File, why string) {
	switch {
	case !f.IsPhoto():
		return download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType, Modified: f.UploadedAt}, ""
	case f.State == "ready":
		return download.File{Key: f.WebKey, Name: download.Rendition(f.Name), Type: "image/jpeg", Modified: f.UploadedAt}, ""
	case f.State == "broken":
		return file, "“" + f.Name + "” cannot be shown."
	}
	return file, "“" + f.Name + "” is still being prepared."
}

// archive sends documents and the pictures made of photos: an original may
// tell where it was taken.
func (h Files) archive(w http.ResponseWriter, r *http.Request, v portal.Viewer, of portal.Holder) error {
	number, files, err := h.Reader.Files(r.Context(), v, of)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return apperr.NotFound
	}
	var (
		sent   []download.File
		absent []string
	)
	for _, f := range files {
		if file, why := archived(f); why != "" {
			absent = append(absent, why)
		} else {
			sent = append(sent, file)
		}
	}
	return download.Zip(w, r, h.Store, number+" files.zip", sent, absent...)
}

// refusal is what is wrong with a form that is shown again, and the status of
// the answer; false for errors that are pages of their own.
func refusal(w http.ResponseWriter, err error) (problem.Set, int, bool) {
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return problems, http.StatusUnprocessableEntity, true
	}
	if over, ok := errors.AsType[apperr.TooMany](err); ok {
		page.RetryAfter(w, over.Wait)
		return problem.Set{"": over.Words}, http.StatusTooManyRequests, true
	}
	return nil, 0, false
}

// addFiles adds the files of a form to a record, whose page is at url; those
// that are refused do not cost the others. again shows the page with the form
// when there is none to add.
func addFiles(w http.ResponseWriter, r *http.Request, sent *upload.Form, url string, add func([]attachment.Incoming) error, again func(int, problem.Set) error) error {
	if sent.Over == nil && len(sent.Files) == 0 && !upload.Scripted(r) {
		p := problem.Set{"files": "Choose at least one file."}
		if len(sent.Refused) > 0 {
			p = problem.Set{"files": sent.Sentence()}
		}
		return again(http.StatusUnprocessableEntity, p)
	}
	err := sent.Over
	if err == nil && len(sent.Files) > 0 {
		err = add(sent.Files)
	}
	if over, ok := errors.AsType[apperr.TooMany](err); ok && !upload.Scripted(r) {
		page.RetryAfter(w, over.Wait)
		return again(http.StatusTooManyRequests, problem.Set{"files": over.Words})
	}
	if err != nil {
		return err
	}
	if upload.Scripted(r) {
		return sent.Answer(w)
	}
	words := "1 file was added."
	if n := len(sent.Files); n > 1 {
		words = strconv.Itoa(n) + " files were added."
	}
	tell(r.Context(), words, sent)
	return page.Redirect(w, r, url)
}

// tell says on the next page what was done, and warns of files not taken: why
// stands at its file field.
func tell(ctx context.Context, done string, sent *upload.Form) {
	if len(sent.Refused) == 0 {
		session.Flash(ctx, done)
		return
	}
	session.Warn(ctx, done+"\n"+sent.Sentence())
}

// notTaken takes from what the last request has to say why files were refused,
// to be shown at the page's file field.
func notTaken(v *portal.Viewer) problem.Set {
	first, why, found := strings.Cut(v.Flash, "\n")
	if !found {
		return problem.Set{}
	}
	v.Flash = first
	return problem.Set{"files": why}
}

// filesAgain tells that browsers do not keep chosen files, and which ones need
// not be tried again.
func filesAgain(r *http.Request, p problem.Set, sent *upload.Form) {
	kept := r.Header.Get("HX-Request") != "" // a script holds them and chooses them again
	switch {
	case sent.Chosen && !kept:
		p.Add("files", strings.TrimSpace("Choose your files again: they were not kept. "+sent.Sentence()))
	case len(sent.Refused) > 0:
		p.Add("files", sent.Sentence())
	}
}

// Remove takes a file back and returns to what it hung on.
func (h Files) Remove(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	on, err := h.Portal.RemoveFile(r.Context(), v, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "The file was removed.")
	switch {
	case on.Job != "":
		return page.Redirect(w, r, route.Job(on.Job))
	case on.Quote != "":
		return page.Redirect(w, r, route.Quote(on.Quote))
	case on.Equipment != "":
		return page.Redirect(w, r, route.EquipmentItem(on.Equipment))
	}
	return page.Redirect(w, r, route.Details)
}
