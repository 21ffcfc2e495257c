package officeweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Staff are the screens of Administration → Staff.
type Staff struct {
	DB      postgres.DB
	Office  *office.Service
	BaseURL string // what links shown once begin with
}

// List shows those who work here.
func (h Staff) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	values := r.URL.Query()
	q := staff.Orders.Read(values)
	f := staff.Filter{Role: staff.Role(form.Line(values.Get("role"))), State: staff.State(form.Line(values.Get("state")))}
	if f.State == officeview.ArchivedStaff {
		f.State, f.Archived = "", true
	}
	members, err := staff.List(r.Context(), h.DB, q, f)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Staff(officeview.StaffList{
		Page: officeview.Page(v, "Staff", route.AdminStaff), Staff: members, Filter: f, Format: v.Format, Self: v.Staff,
		Listing: officeview.Listing{URL: route.AdminStaff, Orders: staff.Orders, Query: q, Filters: map[string]string{"role": string(f.Role), "state": officeview.StaffShown(f)}},
	}))
}

// New shows the form of a new member of staff.
func (h Staff) New(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.newForm(w, r, v, http.StatusOK, officeview.StaffForm{Details: staff.Details{Role: staff.Office}, Notify: true, Nonce: form.NewNonce()}, nil)
}

func (h Staff) newForm(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, f officeview.StaffForm, p problem.Set) error {
	f.Page = officeview.Page(v, "New member of staff", route.AdminStaff)
	f.Page.Narrow = true
	return page.Render(w, r, status, officeview.NewStaff(f, p))
}

func staffDetails(r *http.Request) staff.Details {
	return staff.Details{Name: form.Text(r, "name"), Email: form.Text(r, "email"), Phone: form.Text(r, "phone"), Role: staff.Role(form.Text(r, "role"))}
}

// Create adds a member of staff. Who signs in gets a link by email, or it is
// shown once.
func (h Staff) Create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.StaffForm{Details: staffDetails(r), Notify: form.Check(r, "notify"), Nonce: form.Nonce(r)}
	ref, created, token, err := h.Office.CreateStaff(r.Context(), v, staff.New{Details: f.Details, Nonce: f.Nonce}, f.Notify)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.newForm(w, r, v, http.StatusUnprocessableEntity, f, problems)
	}
	if err != nil {
		return err
	}
	switch {
	case token != "":
		return h.showLink(w, r, v, ref.ID, token)
	case created && f.Details.Role.SignsIn():
		session.Flash(r.Context(), "Saved. A link to choose a password is on its way to "+f.Details.Email+".")
	case created:
		session.Flash(r.Context(), "Saved.")
	}
	return page.Redirect(w, r, route.AdminStaffMember(ref.ID))
}

func (h Staff) showLink(w http.ResponseWriter, r *http.Request, v staff.Viewer, id int64, token string) error {
	m, err := staff.FindCurrent(r.Context(), h.DB, id)
	if err != nil {
		return err
	}
	p := officeview.Page(v, "Link for "+m.Name, route.AdminStaff)
	p.Narrow = true
	return page.Render(w, r, http.StatusOK, officeview.ShowStaffLink(officeview.StaffLink{Page: p, Member: m, URL: h.BaseURL + route.OfficeWelcome(token)}))
}

// member is the member of staff that the address names.
func (h Staff) member(r *http.Request) (staff.Member, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return staff.Member{}, apperr.NotFound
	}
	return staff.Find(r.Context(), h.DB, id)
}

// Show is the page of a member of staff.
func (h Staff) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	m, err := h.member(r)
	if err != nil {
		return err
	}
	return h.editForm(w, r, v, http.StatusOK, officeview.StaffForm{Details: m.Details(), Member: m}, nil)
}

func (h Staff) editForm(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, f officeview.StaffForm, p problem.Set) error {
	f.Page = officeview.Page(v, f.Member.Name, route.AdminStaff)
	f.Self, f.Format = f.Member.ID == v.Staff, v.Format
	f.Seen = officeview.StaffSeen(f.Member, v.Format)
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		signin.QueryStaffFactor(b, &f.Factor, f.Member.ID)
		signin.QueryStaffConnected(b, &f.Connected, f.Member.ID)
		signin.QueryPendingStaffAddress(b, &f.Waiting, f.Member.ID)
	})
	if err != nil {
		return err
	}
	return page.Render(w, r, status, officeview.EditStaff(f, p))
}

// Save changes a member of staff. Whoever waits for an invitation, and has
// another address now or is to sign in from now on, gets a link there.
func (h Staff) Save(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	before, err := h.member(r)
	if err != nil {
		return err
	}
	d := staffDetails(r)
	saved, err := h.Office.EditStaff(r.Context(), v, before.ID, form.Version(r), d, session.Here(r.Context()))
	if problems, ok := errors.AsType[problem.Set](err); ok {
		m := before
		m.Version = form.Version(r)
		return h.editForm(w, r, v, http.StatusUnprocessableEntity, officeview.StaffForm{Details: d, Member: m}, problems)
	}
	if errors.Is(err, apperr.Stale) {
		over, err := editConflict(r.Context(), h.DB, v.Format, "staff", before.ID, form.Version(r), staff.Fields)
		if err != nil {
			return err
		}
		return h.editForm(w, r, v, http.StatusConflict, officeview.StaffForm{Details: d, Member: before, EditConflict: over}, nil)
	}
	if err != nil {
		return err
	}
	words := "Saved."
	switch {
	case saved.Confirm != "":
		words = "Saved. " + d.Name + " signs in with " + saved.Confirm + " once they open the link that we sent there. Until then they use the present one."
	case saved.Invited:
		words = "Saved. A link to choose a password is on its way to " + d.Email + "."
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, route.AdminStaffMember(before.ID))
}

// Suspend takes access away.
func (h Staff) Suspend(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, "Suspended.", h.Office.SuspendStaff)
}

// Restore gives access back.
func (h Staff) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, "Restored.", h.Office.UnsuspendStaff)
}

// Archive takes who has left off the list.
func (h Staff) Archive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, "Archived. They can be fetched back at any time.", h.Office.ArchiveStaff)
}

// Unarchive puts somebody back on the list.
func (h Staff) Unarchive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, "Back on the staff.", h.Office.RestoreStaff)
}

func (h Staff) change(w http.ResponseWriter, r *http.Request, v staff.Viewer, words string, deed func(context.Context, staff.Viewer, int64) error) error {
	m, err := h.member(r)
	if err != nil {
		return err
	}
	return done(w, r, words, route.AdminStaffMember(m.ID), deed(r.Context(), v, m.ID))
}

// TakeFactor removes the second factor of somebody who has lost it.
func (h Staff) TakeFactor(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, "The second factor is removed. They are signed out everywhere, and told by email.", h.Office.TakeStaffFactor)
}

// Disconnect takes the login by the business's provider from somebody.
func (h Staff) Disconnect(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, "Disconnected. Whoever has the address there next can come in as them, once.", h.Office.DisconnectStaff)
}

// Rules shows of whom a second factor is demanded.
func (h Staff) Rules(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	rules, err := signin.ReadRules(r.Context(), h.DB)
	if err != nil {
		return err
	}
	return h.rules(w, r, v, http.StatusOK, officeview.RulesForm{Rules: rules, Days: officeview.DaysUntil(rules, v.Format)}, nil)
}

func (h Staff) rules(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, f officeview.RulesForm, p problem.Set) error {
	f.Page = officeview.Page(v, "Second factor", route.AdminStaff)
	f.Page.Narrow = true
	f.Format = v.Format
	return page.Render(w, r, status, officeview.SignInRules(f, p))
}

// SetRules demands a second factor, or does not any more.
func (h Staff) SetRules(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	roles := form.Many(r, "roles")
	f := officeview.RulesForm{Days: form.Text(r, "days")}
	f.Rules = signin.Rules{Administrators: slices.Contains(roles, string(staff.Administrator)), Office: slices.Contains(roles, string(staff.Office)), Version: form.Version(r)}
	days, err := strconv.Atoi(f.Days)
	if err != nil {
		days = -1
	}
	err = h.Office.SetSignInRules(r.Context(), v, f.Rules, days)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.rules(w, r, v, http.StatusUnprocessableEntity, f, problems)
	}
	return done(w, r, "Saved.", route.AdminSecondFactor, err)
}

// Invite sends a fresh link to somebody who has yet to choose a password, or
// shows it once.
func (h Staff) Invite(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	m, err := h.member(r)
	if err != nil {
		return err
	}
	token, err := h.Office.InviteStaff(r.Context(), v, m.ID, form.Check(r, "notify"))
	if err != nil {
		return err
	}
	if token != "" {
		return h.showLink(w, r, v, m.ID, token)
	}
	return done(w, r, "A new link is on its way to "+m.Email+".", route.AdminStaffMember(m.ID), nil)
}
