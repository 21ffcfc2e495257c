package portalweb

import (
	"net/http"
	"path"
	"strings"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/blob"
	"fieldgate/internal/fault"
	"fieldgate/internal/portal"
	"fieldgate/static"
	"fieldgate/templates/route"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Files sends the files that a contact sees, and takes back their own.
type Files struct {
	Reader *portal.Reader
	Desk   *portal.Desk
	Store  blob.Store
}

// Show sends a document, or the large rendition of a photo.
func (h Files) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	f, err := h.Reader.File(r.Context(), v, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if f.IsPhoto() {
		return h.photo(w, r, f, f.WebKey)
	}
	return download.Send(w, r, h.Store, download.File{Key: f.BlobKey, Name: f.Name, Type: f.MediaType})
}

// Thumb sends the small rendition of a photo.
func (h Files) Thumb(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	f, err := h.Reader.File(r.Context(), v, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if !f.IsPhoto() {
		return fault.NotFound
	}
	return h.photo(w, r, f, f.ThumbKey)
}

// photo sends a rendition; while there is none, a drawing that says so.
func (h Files) photo(w http.ResponseWriter, r *http.Request, f portal.File, key string) error {
	if f.State == "ready" {
		name := strings.TrimSuffix(f.Name, path.Ext(f.Name)) + ".jpg"
		return download.Send(w, r, h.Store, download.File{Key: key, Name: name, Type: "image/jpeg", Inline: true})
	}
	drawing := "img/photo-preparing.svg"
	if f.State == "broken" {
		drawing = "img/photo-broken.svg"
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, static.URL(drawing), http.StatusFound)
	return nil
}

// Remove takes a file back and returns to what it hung on.
func (h Files) Remove(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	on, err := h.Desk.RemoveFile(r.Context(), v, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "The file was removed.")
	switch {
	case on.Job != "":
		return page.See(w, r, route.Job(on.Job))
	case on.Quote != "":
		return page.See(w, r, route.Quote(on.Quote))
	case on.Equipment != "":
		return page.See(w, r, route.EquipmentItem(on.Equipment))
	}
	return page.See(w, r, route.Details)
}
