package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/notify"
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
	Pool    *pgxpool.Pool
	Notify  *notify.Notifier
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
	members, err := staff.List(r.Context(), h.Pool, q, f)
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
	var (
		id    int64
		added bool
		token string
	)
	err := postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) (err error) {
		if id, added, err = staff.Add(r.Context(), tx, v.Actor(), f.Details, f.Nonce); err != nil || !added || !f.Details.Role.SignsIn() {
			return err
		}
		token, err = h.invite(r, tx, v, id, f.Notify)
		return err
	})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.newForm(w, r, v, http.StatusUnprocessableEntity, f, problems)
	}
	if err != nil {
		return err
	}
	switch {
	case token != "":
		return h.showLink(w, r, v, id, token)
	case added && f.Details.Role.SignsIn():
		session.Flash(r.Context(), "Saved. A link to choose a password is on its way to "+f.Details.Email+".")
	case added:
		session.Flash(r.Context(), "Saved.")
	}
	return page.Redirect(w, r, route.AdminStaffMember(id))
}

// invite makes a link, and sends it or returns its token to be shown once.
func (h Staff) invite(r *http.Request, tx postgres.Tx, v staff.Viewer, id int64, mail bool) (token string, err error) {
	link, err := signin.StaffMember(r.Context(), tx, v.Actor(), id)
	if err != nil {
		return "", err
	}
	if mail {
		return "", h.Notify.StaffInvited(r.Context(), tx, link)
	}
	return signin.Token(r.Context(), tx, link)
}

func (h Staff) showLink(w http.ResponseWriter, r *http.Request, v staff.Viewer, id int64, token string) error {
	m, err := staff.ByID(r.Context(), h.Pool, id)
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
	return staff.Find(r.Context(), h.Pool, id)
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
	f.Self = f.Member.ID == v.Staff
	f.Seen = officeview.StaffSeen(f.Member, v.Format)
	return page.Render(w, r, status, officeview.EditStaff(f, p))
}

// Save changes a member of staff. Whoever waits for an invitation, and has
// another address now or is to sign in from now on, gets a link there.
func (h Staff) Save(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	before, err := h.member(r)
	if err != nil {
		return err
	}
	d, invited := staffDetails(r), false
	err = postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) error {
		if err := staff.Edit(r.Context(), tx, v.Actor(), before.ID, form.Version(r), d); err != nil {
			return err
		}
		after, err := staff.ByID(r.Context(), tx, before.ID)
		if err != nil {
			return err
		}
		if invited = after.State == staff.Invited && (before.State != staff.Invited || before.Email != after.Email); invited {
			_, err = h.invite(r, tx, v, after.ID, true)
		}
		return err
	})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		m := before
		m.Version = form.Version(r)
		return h.editForm(w, r, v, http.StatusUnprocessableEntity, officeview.StaffForm{Details: d, Member: m}, problems)
	}
	if errors.Is(err, apperr.Stale) {
		over, err := meanwhile(r.Context(), h.Pool, v.Format, "staff", before.ID, form.Version(r), staffLabels)
		if err != nil {
			return err
		}
		return h.editForm(w, r, v, http.StatusConflict, officeview.StaffForm{Details: d, Member: before, Over: over}, nil)
	}
	if err != nil {
		return err
	}
	words := "Saved."
	if invited {
		words = "Saved. A link to choose a password is on its way to " + d.Email + "."
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, route.AdminStaffMember(before.ID))
}

// staffLabels name the fields of a member of staff as the form does.
var staffLabels = []labelled{{"name", "Name"}, {"email", "Email Address"}, {"phone", "Phone"}, {"role", "Role"}, {"state", "State"}}

// Suspend takes access away.
func (h Staff) Suspend(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, "Suspended.", func(tx postgres.Tx, id int64) error {
		if err := staff.Suspend(r.Context(), tx, v.Actor(), id); err != nil {
			return err
		}
		return signin.EndSessionsOfStaff(r.Context(), tx, id, "")
	})
}

// Archive puts away who has left.
func (h Staff) Archive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, "Archived. They can be fetched back at any time.", func(tx postgres.Tx, id int64) error {
		if err := staff.Archive(r.Context(), tx, v.Actor(), id, true); err != nil {
			return err
		}
		return signin.EndSessionsOfStaff(r.Context(), tx, id, "")
	})
}

// Unarchive fetches somebody back.
func (h Staff) Unarchive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, "Back on the staff.", func(tx postgres.Tx, id int64) error { return staff.Archive(r.Context(), tx, v.Actor(), id, false) })
}

// Restore gives access back.
func (h Staff) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, "Restored.", func(tx postgres.Tx, id int64) error {
		return staff.Restore(r.Context(), tx, v.Actor(), id)
	})
}

func (h Staff) change(w http.ResponseWriter, r *http.Request, words string, do func(tx postgres.Tx, id int64) error) error {
	m, err := h.member(r)
	if err != nil {
		return err
	}
	if err := postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) error { return do(tx, m.ID) }); err != nil {
		return err
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, route.AdminStaffMember(m.ID))
}

// Invite sends a fresh link to somebody who has yet to choose a password, or
// shows it once.
func (h Staff) Invite(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	m, err := h.member(r)
	if err != nil {
		return err
	}
	var token string
	if err := postgres.Transact(r.Context(), h.Pool, func(tx postgres.Tx) (err error) {
		token, err = h.invite(r, tx, v, m.ID, form.Check(r, "notify"))
		return err
	}); err != nil {
		return err
	}
	if token != "" {
		return h.showLink(w, r, v, m.ID, token)
	}
	session.Flash(r.Context(), "A fresh link is on its way to "+m.Email+".")
	return page.Redirect(w, r, route.AdminStaffMember(m.ID))
}
