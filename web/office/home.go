// Package officeweb answers for the screens of the office, one file a noun.
package officeweb

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/doctor"
	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/overview"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Home is the first page of the office.
type Home struct {
	DB     postgres.DB
	Office *office.Service
	Doctor *doctor.Doctor
}

// Show shows what needs attention.
func (h Home) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	today := v.Format.Today()
	var others overview.Overview
	var business *doctor.Business
	first := overview.FirstSteps{Finished: true}
	q, f := queueQuery(v, r.URL.Query())
	var queue overview.Queue
	o := overview.Office{Today: today, Keepers: v.Keepers}
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		overview.QueryQueue(b, &queue, o, q, f)
		overview.Query(b, &others, today.Time(v.Format.Zone()), today.AddDays(1).Time(v.Format.Zone()))
		if v.Administers() {
			business = &doctor.Business{}
			doctor.Query(b, business)
			overview.QueryFirstSteps(b, &first)
		}
	})
	if err != nil {
		return err
	}
	v.Waiting = queue.Waiting(v.Staff) // the session leaves it to this page, which counts more
	if !first.Finished && first.All() {
		if err := h.Office.FinishFirstSteps(r.Context(), v); err != nil {
			return err
		}
		first.Finished = true
	}
	return page.Render(w, r, http.StatusOK, officeview.HomePage(officeview.Home{
		OffersPasskey: session.OffersPasskey(r.Context()),
		Page:          officeview.Page(v, "Home", ""), Today: v.Format.WeekDay(today), Day: today.String(), Overview: others, Format: v.Format, Notices: h.Doctor.Notices(business), First: first,
		Queue: queue, Filter: f,
		Listing: officeview.Listing{URL: route.Office, Orders: overview.Orders, Query: q, Filters: map[string]string{"who": string(f.Who), "kind": f.Kind}},
	}))
}

// queueQuery reads what an address asks of the queue; nonsense does not filter.
func queueQuery(v staff.Viewer, asked url.Values) (list.Query, overview.Filter) {
	f := overview.Filter{Who: overview.Who(asked.Get("who")), Kind: asked.Get("kind"), Staff: v.Staff}
	if !slices.Contains(overview.Whos, f.Who) {
		f.Who = overview.Everybody
	}
	if _, known := overview.KindOf(f.Kind); !known {
		f.Kind = ""
	}
	q := overview.Orders.Read(asked)
	q.Search = ""
	return q, f
}

// Waiting shows what can be done with one thing that waits: where a script is, in
// a dialog over the list.
func (h Home) Waiting(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.waiting(w, r, v, nil)
}

func (h Home) waiting(w http.ResponseWriter, r *http.Request, v staff.Viewer, problems problem.Set) error {
	kind, thing := waitingIn(r)
	next := form.Next(r, route.Office)
	found, err := overview.FindToGive(r.Context(), h.DB, overview.Office{Today: v.Format.Today(), Keepers: v.Keepers}, kind, thing)
	if errors.Is(err, apperr.NotFound) && r.Header.Get("HX-Request") == "" { // a script reads the list again
		session.Warn(r.Context(), overview.DealtWith)
		return page.Redirect(w, r, next)
	}
	if err != nil {
		return err
	}
	view := officeview.ToGive{Page: officeview.Page(v, "Give or snooze", ""), Format: v.Format, Staff: v.Staff, Waiting: found, Next: next, Day: form.Text(r, "day"), Problems: problems}
	view.Page.Narrow = true
	return page.Render(w, r, formStatus(problems, officeview.EditConflict{}), officeview.GiveOrSnooze(view))
}

// Give says who deals with something that waits.
func (h Home) Give(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	kind, thing := waitingIn(r)
	if err := h.Office.GiveWaiting(r.Context(), v, kind, thing, form.ID(r, "from"), form.ID(r, "to")); err != nil {
		return err
	}
	return page.Redirect(w, r, form.Next(r, route.Office))
}

// Snooze puts off something that waits, or brings it back.
func (h Home) Snooze(w http.ResponseWriter, r *http.Request, v staff.Viewer) (err error) {
	ctx, today := r.Context(), v.Format.Today()
	kind, thing := waitingIn(r)
	switch form.Text(r, "until") {
	case officeview.SnoozeTomorrow:
		err = h.Office.SnoozeWaiting(ctx, v, kind, thing, today.AddDays(1))
	case officeview.SnoozeWeek:
		err = h.Office.SnoozeWaiting(ctx, v, kind, thing, today.AddDays(7-(int(today.Time(time.UTC).Weekday())+6)%7)) // Monday
	case officeview.SnoozeDay:
		err = h.Office.SnoozeWaiting(ctx, v, kind, thing, form.Day(r, "day", problem.Set{})) // what is no date is no day after today
	case officeview.SnoozeAside:
		err = h.Office.PutWaitingAside(ctx, v, kind, thing)
	default:
		err = h.Office.WakeWaiting(ctx, v, kind, thing)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.waiting(w, r, v, problems)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, form.Next(r, route.Office))
}

func waitingIn(r *http.Request) (kind string, thing int64) {
	thing, _ = strconv.ParseInt(chi.URLParam(r, "thing"), 10, 64) // 0, which is nothing's id
	return chi.URLParam(r, "kind"), thing
}

// FinishFirstSteps takes the list of first steps off the home.
func (h Home) FinishFirstSteps(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	if err := h.Office.FinishFirstSteps(r.Context(), v); err != nil {
		return err
	}
	return page.Redirect(w, r, route.Office)
}
