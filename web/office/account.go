package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	signinweb "fieldgate/web/signin"
)

// Account is one's own account in the office.
type Account struct {
	DB     postgres.DB
	Office *office.Service
	SignIn *signin.Service

	Session *session.Manager
}

// Show is the page of one's own name and password.
func (h Account) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.page(w, r, v, http.StatusOK, func(*officeview.AccountPage) {})
}

// page shows what is stored, changed by what a form has to say.
func (h Account) page(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, change func(*officeview.AccountPage)) error {
	m, err := staff.FindCurrent(r.Context(), h.DB, v.Staff)
	if err != nil {
		return err
	}
	view := officeview.AccountPage{Page: officeview.Page(v, "Your account", ""), Member: m, Name: m.Name, Phone: m.Phone, Version: m.Version}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		signin.QueryPendingStaffAddress(b, &view.Waiting, v.Staff)
		signin.QueryShortestStaffPassword(b, &view.Least, v.Staff)
		signin.QueryHasStaffPassword(b, &view.HasPassword, v.Staff)
		h.SignIn.QueryConnected(b, &view.Connected, v.Staff)
	})
	if err != nil {
		return err
	}
	if s := h.SignIn.StaffProvider(); s.Set() {
		view.Provider = s.Label()
	}
	change(&view)
	return page.Render(w, r, status, officeview.Account(view))
}

// Save changes one's own name and phone.
func (h Account) Save(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, name, phone, version := r.Context(), form.Text(r, "name"), form.Text(r, "phone"), form.Version(r)
	err := h.Office.EditOwnAccount(ctx, v, version, name, phone)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.page(w, r, v, http.StatusUnprocessableEntity, func(p *officeview.AccountPage) {
			p.Name, p.Phone, p.Version, p.Problems = name, phone, version, problems
		})
	}
	if errors.Is(err, apperr.Stale) {
		over, err := editConflict(ctx, h.DB, v.Format, "staff", v.Staff, version, staff.Fields)
		if err != nil {
			return err
		}
		return h.page(w, r, v, http.StatusConflict, func(p *officeview.AccountPage) { p.Name, p.Phone, p.EditConflict = name, phone, over })
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved.")
	return page.Redirect(w, r, route.OfficeAccount)
}

// ChangePassword replaces one's own password.
func (h Account) ChangePassword(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	err := h.SignIn.ChangeStaffPassword(r.Context(), v.Actor(), form.Secret(r, "current"), form.Secret(r, "password"), session.Here(r.Context()))
	if status, p := signinweb.Refused(w, err); status != 0 {
		return h.page(w, r, v, status, func(view *officeview.AccountPage) { view.Secret = p })
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "Your new password is saved. You are signed out on all other devices.")
	return page.Redirect(w, r, route.OfficeAccount)
}

// Strength checks a password while it is typed.
func (h Account) Strength(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return signinweb.Strength(w, r, func(typed string) (string, error) { return h.SignIn.CheckStaffPassword(r.Context(), v.Actor(), typed) })
}

// Address shows the form of one's own sign-in address.
func (h Account) Address(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.address(w, r, v, http.StatusOK, "", nil)
}

func (h Account) address(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, typed string, p problem.Set) error {
	f := officeview.AddressForm{Page: officeview.Page(v, "Sign-in address", ""), Present: v.Email, Email: typed, Problems: p}
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		signin.QueryPendingStaffAddress(b, &f.Waiting, v.Staff)
		signin.QueryHasStaffPassword(b, &f.Asks, v.Staff)
	})
	if err != nil {
		return err
	}
	return page.Render(w, r, status, officeview.SignInAddress(f))
}

// AskAddress sends a link to the new address.
func (h Account) AskAddress(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	email := form.Text(r, "email")
	err := h.SignIn.RequestNewStaffAddress(r.Context(), v.Actor(), form.Secret(r, "current"), email, !v.Stale)
	return signinweb.AskedAddress(w, r, email, route.OfficeSignInAddress, err, func(status int, p problem.Set) error { return h.address(w, r, v, status, email, p) })
}

func (h Account) factors(v staff.Viewer) signinweb.Factors {
	return signinweb.Factors{Service: h.SignIn, By: v.Actor(), Stale: v.Stale, Home: route.OfficeSecondFactor, Draw: func(f signinview.FactorPage, p problem.Set) templ.Component {
		f.Format = v.Format
		return officeview.SecondFactor(v, f, p)
	}}
}

// Factor shows one's own second factor.
func (h Account) Factor(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.factors(v).Show(w, r)
}

// BeginFactor begins to set it up.
func (h Account) BeginFactor(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.factors(v).Begin(w, r)
}

// ConfirmFactor turns it on.
func (h Account) ConfirmFactor(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.factors(v).Confirm(w, r)
}

// RenewCodes makes new recovery codes.
func (h Account) RenewCodes(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.factors(v).Renew(w, r)
}

// RemoveFactor turns it off.
func (h Account) RemoveFactor(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.factors(v).Remove(w, r)
}

// Devices lists where the member of staff is signed in.
func (h Account) Devices(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	list, err := h.SignIn.Sessions(r.Context(), v.Actor(), session.Here(r.Context()))
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Devices(officeview.DevicesPage{Page: officeview.Page(v, "Signed-in devices", ""), Viewer: v, Devices: list}))
}

// EndDevice signs out at one place.
func (h Account) EndDevice(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return apperr.NotFound
	}
	if err := v.CheckProof(); err != nil {
		return err
	}
	return done(w, r, "That device is signed out.", route.OfficeDevices, h.SignIn.EndSession(r.Context(), v.Actor(), id))
}

// EndOtherDevices signs out everywhere but here.
func (h Account) EndOtherDevices(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	if err := v.CheckProof(); err != nil {
		return err
	}
	return done(w, r, "All other devices are signed out.", route.OfficeDevices, h.SignIn.EndOtherSessions(r.Context(), v.Actor(), session.Here(r.Context())))
}
