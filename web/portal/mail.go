package portalweb

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/notify"
	"fieldgate/internal/portal"
	"fieldgate/internal/push"
	"fieldgate/internal/signin"
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
	Keys    push.Keys
}

// Show is the page of the contact's choices.
func (h Mail) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	c, err := h.Reader.MailChoices(r.Context(), v)
	if err != nil {
		return err
	}
	p := portalview.EmailsPage{Viewer: v, Choices: c}
	if p.Devices, p.Phones, err = h.Reader.Devices(r.Context(), v); err != nil {
		return err
	}
	p.Phones = p.Phones && !v.ByCompany // devices are a person's
	if p.Phones && !v.Previewing() {
		if p.Key, err = h.Keys.Public(r.Context()); err != nil {
			return err
		}
	}
	return page.Render(w, r, http.StatusOK, portalview.Emails(p))
}

// Save replaces the contact's choices.
func (h Mail) Save(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	phones := form.Text(r, "phones") != ""
	if err := h.Portal.ChooseMails(r.Context(), v, kinds(r, "kind"), kinds(r, "phone"), phones, form.Text(r, "scope") == "everything"); err != nil {
		return err
	}
	said := "Saved. It applies to every email from now on."
	if phones {
		said = "Saved. It applies to every email and notification from now on."
	}
	session.Flash(r.Context(), said)
	return page.Redirect(w, r, route.DetailsEmails)
}

func kinds(r *http.Request, field string) (all []notify.Kind) {
	for _, k := range form.Many(r, field) {
		all = append(all, notify.Kind(k))
	}
	return all
}

// TurnOn lets the browser that asks show notifications. A script sends it, with
// what the browser has said, and shows the sentence if it is refused.
func (h Mail) TurnOn(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	if err := own(v); err != nil {
		return err
	}
	here := session.Device(r)
	err := h.Portal.TurnOnNotifications(r.Context(), v, push.New{
		Known: signin.KnownDevice(here.Token), Browser: here.Browser, Endpoint: form.Text(r, "endpoint"), Key: form.Text(r, "key"), Secret: form.Text(r, "secret"),
	})
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "Notifications are on for this device.")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// TurnOff ends notifications on a device.
func (h Mail) TurnOff(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	if err := own(v); err != nil {
		return err
	}
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return apperr.NotFound
	}
	if err := h.Portal.TurnOffNotifications(r.Context(), v, id); err != nil {
		return err
	}
	session.Flash(r.Context(), "Notifications are off on that device.")
	return page.Redirect(w, r, route.DetailsEmails)
}

// Waiting says how much waits for the person, for the icon of the app.
func (h Mail) Waiting(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := own(v); err != nil {
		return err
	}
	waiting, err := h.Reader.Waiting(r.Context(), v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprintf(w, `{"waiting":%d}`, waiting) // the reader has gone; nobody is left to tell
	return nil
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
