package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/calendar"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Calendar are the secret addresses under which calendars of staff read visits.
type Calendar struct {
	DB      postgres.DB
	Office  *office.Service
	BaseURL string
}

// Read answers calendars, which ask all day and show no page.
func (h Calendar) Read(w http.ResponseWriter, r *http.Request) error {
	c, err := h.Office.Calendar(r.Context(), chi.URLParam(r, "token"))
	if often, ok := errors.AsType[calendar.TooOften](err); ok {
		return download.NoFeed(w, often.Wait)
	}
	if errors.Is(err, apperr.NotFound) {
		return download.NoFeed(w, 0)
	}
	if err != nil {
		return err
	}
	return download.Feed(w, r, officeview.CalendarOf(c, h.BaseURL), c.Format.Now)
}

// whose says of whom a form is: of whoever sends it, or of the member of staff
// that the address names.
type whose func(*http.Request, staff.Viewer) (int64, error)

func ownCalendar(_ *http.Request, v staff.Viewer) (int64, error) { return v.Staff, nil }

func memberCalendar(r *http.Request, _ staff.Viewer) (int64, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return 0, apperr.NotFound
	}
	return id, nil
}

func (h Calendar) view(r *http.Request, v staff.Viewer, of whose) (p officeview.CalendarPage, err error) {
	id, err := of(r, v)
	if err != nil {
		return p, err
	}
	p.Own, p.Format = chi.URLParam(r, "id") == "", v.Format
	if p.Member, err = staff.FindCurrent(r.Context(), h.DB, id); err != nil {
		return p, err
	}
	current, title := route.AdminStaff, "Calendar of "+p.Member.Name
	if p.Own {
		current, title = "", "Calendar"
	}
	p.Page = officeview.Page(v, title, current)
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		calendar.QueryFeeds(b, &p.Feeds, calendar.Owner{Staff: id, Scope: calendar.Own})
	})
	return p, err
}

func (h Calendar) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, of whose) error {
	p, err := h.view(r, v, of)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Calendars(p))
}

// address does something that ends with an address to show.
func (h Calendar) address(w http.ResponseWriter, r *http.Request, v staff.Viewer, of whose, deed func(member int64, scope calendar.Scope) (string, error)) error {
	id, err := of(r, v)
	if err != nil {
		return err
	}
	token, err := deed(id, calendar.Scope(form.Text(r, "scope")))
	if err != nil {
		return err
	}
	p, err := h.view(r, v, of)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.CalendarAddress(p, h.BaseURL+route.OfficeCalendarOf(token)))
}

func (h Calendar) make(w http.ResponseWriter, r *http.Request, v staff.Viewer, of whose) error {
	return h.address(w, r, v, of, func(id int64, s calendar.Scope) (string, error) { return h.Office.MakeCalendar(r.Context(), v, id, s) })
}

func (h Calendar) reveal(w http.ResponseWriter, r *http.Request, v staff.Viewer, of whose) error {
	return h.address(w, r, v, of, func(id int64, s calendar.Scope) (string, error) {
		return h.Office.RevealCalendar(r.Context(), v, id, s)
	})
}

func (h Calendar) renew(w http.ResponseWriter, r *http.Request, v staff.Viewer, of whose) error {
	return h.address(w, r, v, of, func(id int64, s calendar.Scope) (string, error) {
		return h.Office.RenewCalendar(r.Context(), v, id, s, form.Version(r))
	})
}

func (h Calendar) end(w http.ResponseWriter, r *http.Request, v staff.Viewer, of whose) error {
	id, err := of(r, v)
	if err != nil {
		return err
	}
	if err := h.Office.EndCalendar(r.Context(), v, id, calendar.Scope(form.Text(r, "scope"))); err != nil {
		return err
	}
	session.Flash(r.Context(), "The calendar address has ended. Calendars that have it find nothing now.")
	if chi.URLParam(r, "id") != "" {
		return page.Redirect(w, r, route.AdminStaffMember(id, "calendar"))
	}
	return page.Redirect(w, r, route.OfficeCalendar)
}

// Show is the page of one's own calendars.
func (h Calendar) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.show(w, r, v, ownCalendar)
}

// Make makes one's own address and shows it.
func (h Calendar) Make(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.make(w, r, v, ownCalendar)
}

// Reveal shows one's own address again.
func (h Calendar) Reveal(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.reveal(w, r, v, ownCalendar)
}

// Renew replaces one's own address.
func (h Calendar) Renew(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.renew(w, r, v, ownCalendar)
}

// End ends one's own address.
func (h Calendar) End(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.end(w, r, v, ownCalendar)
}

// ShowOf is the page of a member's calendars, for an Administrator.
func (h Calendar) ShowOf(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.show(w, r, v, memberCalendar)
}

// MakeOf makes the address of somebody who works in the field.
func (h Calendar) MakeOf(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.make(w, r, v, memberCalendar)
}

// RevealOf shows it again.
func (h Calendar) RevealOf(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.reveal(w, r, v, memberCalendar)
}

// RenewOf replaces it.
func (h Calendar) RenewOf(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.renew(w, r, v, memberCalendar)
}

// EndOf ends an address of any member.
func (h Calendar) EndOf(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.end(w, r, v, memberCalendar)
}
