package portalweb

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/calendar"
	"fieldgate/internal/portal"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Calendar is the secret address under which a contact's calendar reads visits.
type Calendar struct {
	Reader  *portal.Reader
	Portal  *portal.Service
	BaseURL string
}

// Read answers calendars, which ask all day and show no page.
func (h Calendar) Read(w http.ResponseWriter, r *http.Request) error {
	c, err := h.Reader.Calendar(r.Context(), chi.URLParam(r, "token"))
	if often, ok := errors.AsType[calendar.TooOften](err); ok {
		return download.NoFeed(w, often.Wait)
	}
	if errors.Is(err, apperr.NotFound) {
		return download.NoFeed(w, 0)
	}
	if err != nil {
		return err
	}
	return download.Feed(w, r, portalview.CalendarOf(c, h.BaseURL), c.Viewer.Business.Format.Now)
}

// Show is the page of one's calendar.
func (h Calendar) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if v.Previewing() {
		return own(v)
	}
	p := portalview.CalendarPage{Viewer: v}
	if v.Person != 0 && !v.ByCompany {
		var err error
		if p.Feeds, err = h.Reader.CalendarFeed(r.Context(), v); err != nil {
			return err
		}
	}
	return page.Render(w, r, http.StatusOK, portalview.CalendarSettings(p))
}

// Make makes the address and shows it.
func (h Calendar) Make(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.address(w, r, v, func() (string, error) { return h.Portal.MakeCalendar(r.Context(), v) })
}

// Reveal shows the address again.
func (h Calendar) Reveal(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.address(w, r, v, func() (string, error) { return h.Portal.RevealCalendar(r.Context(), v) })
}

// Renew replaces the address.
func (h Calendar) Renew(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.address(w, r, v, func() (string, error) { return h.Portal.RenewCalendar(r.Context(), v, form.Version(r)) })
}

func (h Calendar) address(w http.ResponseWriter, r *http.Request, v portal.Viewer, deed func() (string, error)) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	if err := own(v); err != nil {
		return err
	}
	token, err := deed()
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.CalendarAddress(v, h.BaseURL+route.Calendar(token)))
}

// End ends the address.
func (h Calendar) End(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	if err := own(v); err != nil {
		return err
	}
	if err := h.Portal.EndCalendar(r.Context(), v); err != nil {
		return err
	}
	session.Flash(r.Context(), "The calendar address has ended. Remove it from your calendar, too.")
	return page.Redirect(w, r, route.DetailsCalendar)
}
