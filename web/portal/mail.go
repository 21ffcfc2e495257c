package portalweb

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/notify"
	"fieldgate/internal/portal"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Mail are the screens where contacts choose which emails they get.
type Mail struct {
	Reader  *portal.Reader
	Portal  *portal.Service
	Stopper notify.Stopper
}

// Show is the page of the contact's choices.
func (h Mail) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	c, err := h.Reader.MailChoices(r.Context(), v)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Emails(portalview.EmailsPage{Viewer: v, Choices: c}))
}

// Save replaces the contact's choices.
func (h Mail) Save(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	var wanted []notify.Kind
	for _, k := range form.Many(r, "kind") {
		wanted = append(wanted, notify.Kind(k))
	}
	if err := h.Portal.ChooseMails(r.Context(), v, wanted, form.Text(r, "scope") == "everything"); err != nil {
		return err
	}
	session.Flash(r.Context(), "Saved. It applies to every email from now on.")
	return page.Redirect(w, r, route.DetailsEmails)
}

// Ask is where the link in an email leads. It changes nothing, because mail
// scanners open links; its button does.
func (h Mail) Ask(w http.ResponseWriter, r *http.Request) error {
	b, err := page.Business(r.Context())
	if err != nil {
		return err
	}
	stop, err := h.Stopper.Find(r.Context(), chi.URLParam(r, "token"))
	if errors.Is(err, apperr.NotFound) {
		return page.Render(w, r, http.StatusNotFound, portalview.StopEnded(b))
	}
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.StopEmails(portalview.StopPage{Business: b, Stop: stop, URL: route.StopEmails(chi.URLParam(r, "token"))}))
}

// Stop ends a kind of email: by the button of the page, or by a mail program
// that was told to (RFC 8058), which sends no cookie and looks at the status only.
func (h Mail) Stop(w http.ResponseWriter, r *http.Request) error {
	token := chi.URLParam(r, "token")
	err := h.Stopper.Want(r.Context(), page.Visitor(r), token, form.Text(r, "wanted") == "yes")
	if errors.Is(err, apperr.NotFound) {
		return h.Ask(w, r)
	}
	if err != nil {
		return err
	}
	if form.Text(r, "List-Unsubscribe") == "One-Click" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("You will no longer get these emails.\n"))
		return nil
	}
	return page.Redirect(w, r, route.StopEmails(token))
}
