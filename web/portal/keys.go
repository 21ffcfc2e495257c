package portalweb

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/token"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Keys are My Details → API keys. Who has none and may make none finds nothing.
type Keys struct {
	Portal  *portal.Service
	BaseURL string
}

// Show lists the contact's keys.
func (h Keys) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.page(w, r, v, http.StatusOK, portalview.KeysPage{Days: "365", Nonce: form.NewNonce()})
}

func (h Keys) page(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, p portalview.KeysPage) error {
	keys, err := h.Portal.Keys(r.Context(), v)
	if err != nil {
		return err
	}
	if !keys.Allowed && len(keys.Keys) == 0 {
		return apperr.NotFound
	}
	p.Viewer, p.Keys, p.BaseURL = v, keys, h.BaseURL
	return page.Render(w, r, status, portalview.Keys(p))
}

// Create makes a key and shows it this once.
func (h Keys) Create(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	p := portalview.KeysPage{Name: form.Text(r, "name"), Days: form.Text(r, "days"), Nonce: form.Nonce(r)}
	n := token.NewKey{Name: p.Name, Nonce: p.Nonce, Days: -1}
	if days, err := strconv.Atoi(p.Days); err == nil {
		n.Days = days
	}
	secret, err := h.Portal.CreateKey(r.Context(), v, n)
	var status int
	status, p.Problems = again(err)
	switch {
	case status != 0:
		return h.page(w, r, v, status, p)
	case err != nil:
		return err
	case secret == "": // the same form again: it was shown
		session.Flash(r.Context(), "The key was made, and shown before. If you do not have it, end it and make another.")
		return page.Redirect(w, r, route.DetailsKeys)
	}
	return h.page(w, r, v, http.StatusOK, portalview.KeysPage{Secret: secret, Problems: problem.Set{}})
}

// End ends a key.
func (h Keys) End(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return apperr.NotFound
	}
	if err := h.Portal.EndKey(r.Context(), v, id); err != nil {
		return err
	}
	session.Flash(r.Context(), "The key has ended.")
	return page.Redirect(w, r, route.DetailsKeys)
}
