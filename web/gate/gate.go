// Package gate lets people in: it turns a screen that needs a viewer into a
// handler, and no screen is reached without the policy of its route.
package gate

import (
	"context"
	"errors"
	"net/http"
	"path"

	"github.com/a-h/templ"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/templates/ui"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// PortalPolicy says which contacts reach a screen of the portal. For those who
// do not see its area it does not exist; those who see the area, but may not
// do what the screen does, are told so.
type PortalPolicy struct {
	Name string
	See  func(portal.Viewer) bool
	May  func(portal.Viewer) bool
	Deny string
	Link bool // reached as well by a record link, of which the views show its record alone
}

// OrLink is the policy of screens that a record link reaches as well.
func (p PortalPolicy) OrLink() PortalPolicy {
	p.Name, p.Link = p.Name+", or by its link", true
	return p
}

// The policies of the portal.
var (
	SignedIn       = PortalPolicy{Name: "contact"}
	SeesJobs       = PortalPolicy{Name: "contact: jobs", See: portal.Viewer.SeesJobs}
	OpensJobs      = PortalPolicy{Name: "contact: create jobs", See: portal.Viewer.SeesJobs, May: portal.Viewer.MayOpenJobs, Deny: "You can look at jobs here, but not ask for new ones."}
	EditsJobs      = PortalPolicy{Name: "contact: edit jobs", See: portal.Viewer.SeesJobs, May: portal.Viewer.MayEditJobs, Deny: "You can look at jobs here, but not change them."}
	SeesQuotes     = PortalPolicy{Name: "contact: quotes", See: portal.Viewer.SeesQuotes}
	RequestsQuotes = PortalPolicy{Name: "contact: create quotes", See: portal.Viewer.SeesQuotes, May: portal.Viewer.MayRequestQuotes, Deny: "You can look at quotes here, but not ask for new ones."}
	EditsQuotes    = PortalPolicy{Name: "contact: edit quotes", See: portal.Viewer.SeesQuotes, May: portal.Viewer.MayEditQuotes, Deny: "You can look at quotes here, but not change them."}
	AcceptsQuotes  = PortalPolicy{Name: "contact: accept quotes", See: portal.Viewer.SeesQuotes, May: portal.Viewer.MayAcceptQuotes, Deny: "You can look at quotes here, but not accept or decline them."}
	SeesEquipment  = PortalPolicy{Name: "contact: equipment", See: portal.Viewer.SeesEquipment}
	AddsEquipment  = PortalPolicy{Name: "contact: add equipment", See: portal.Viewer.SeesEquipment, May: portal.Viewer.MayAddEquipment, Deny: "You can look at equipment here, but not add any."}
	EditsEquipment = PortalPolicy{Name: "contact: edit equipment", See: portal.Viewer.SeesEquipment, May: portal.Viewer.MayEditEquipment, Deny: "You can look at equipment here, but not change it."}
	EditsCompany   = PortalPolicy{Name: "contact: edit company", May: portal.Viewer.MayEditCompany, Deny: "You can look at the company’s details here, but not change them."}
	SeesDocuments  = PortalPolicy{Name: "contact: documents", See: portal.Viewer.SeesDocuments}
	// Who looks after nobody is not told that others do.
	ManagesContacts = PortalPolicy{Name: "contact: manage contacts", See: portal.Viewer.MayManageContacts}
)

// OfficePolicy says which staff reach a screen of the office.
type OfficePolicy struct {
	Name string
	May  func(staff.Viewer) bool

	before bool // also for whose second factor is due
}

// The policies of the office.
var (
	AnyStaff = OfficePolicy{Name: "staff"}
	// SettingUp is for who has to set up a second factor before anything else.
	SettingUp      = OfficePolicy{Name: "staff, before a second factor", before: true}
	Administrators = OfficePolicy{Name: "administrator", May: staff.Viewer.Administers}
)

// Public is the policy of screens for everybody: signing in and the business's brand.
const Public = "everybody"

// Person is the policy of screens for somebody signed in to the portal who has
// yet to choose a customer or replace a password.
const Person = "person"

// Portal is a screen of the portal.
func Portal(p PortalPolicy, screen func(http.ResponseWriter, *http.Request, portal.Viewer) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := session.PortalViewer(r.Context())
		if linked, byLink := session.LinkViewer(r.Context()); byLink {
			portalByLink(w, r, p, linked, screen)
			return
		}
		switch {
		case !ok && session.LinkEnded(r.Context()):
			linkEnded(w, r)
			return
		case !ok:
			portalDoor.send(w, r, route.Login)
			return
		case v.MustChange:
			portalDoor.send(w, r, route.NewPassword)
			return
		case v.Contact == 0:
			portalDoor.send(w, r, route.Choose)
			return
		}
		v.Request, v.News = page.RequestID(r), &portal.News{}
		if other, ok := linkedTo(r, v); ok {
			refuse(w, r, v, other)
			return
		}
		if p.See != nil && !p.See(v) {
			refuse(w, r, v, apperr.NotFound)
			return
		}
		if p.May != nil && !p.May(v) {
			refuse(w, r, v, apperr.Forbidden{Words: p.Deny})
			return
		}
		v.Flash, v.Warns = flash(r)
		v.DraftKey = session.DraftKey(r.Context())
		if f := waited(r.Context()); f != nil {
			v.Flash, v.Warns = f.words(), true
		}
		ask := proof{by: v.Actor(), home: route.Home, door: portalDoor, page: func(p signinview.Proof, problems problem.Set) templ.Component {
			return portalview.AskProof(v, p, problems)
		}}
		err := ask.run(w, r, func(proved bool) error {
			if proved { // the session goes on as a new one, which this request begins
				v.Stale, v.Session = false, 0
			}
			return screen(w, r, v)
		})
		if errors.Is(err, apperr.SignedOut) {
			portalDoor.send(w, r, route.Login)
			return
		}
		if err != nil {
			refuse(w, r, v, err)
		}
	}
}

// PortalPerson is a screen for somebody signed in, whichever customer they
// look at, if any.
func PortalPerson(screen func(http.ResponseWriter, *http.Request, portal.Viewer) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := session.PortalViewer(r.Context())
		if _, byLink := session.LinkViewer(r.Context()); byLink {
			page.Fail(w, r, apperr.NotFound)
			return
		}
		if !ok && r.Method == http.MethodPost {
			redirect(w, r, route.Login) // such a form is asked for anew by signing in
			return
		}
		if !ok {
			portalDoor.send(w, r, route.Login)
			return
		}
		if err := refuseSignIn(r); err != nil {
			page.Fail(w, r, err)
			return
		}
		if v.ByCompany { // a contact of one customer: there is nothing to choose, and no password
			page.Fail(w, r, apperr.NotFound)
			return
		}
		v.Request = page.RequestID(r)
		if err := screen(w, r, v); err != nil {
			page.Fail(w, r, err)
		}
	}
}

// Office is a screen of the office. Before anything else somebody has to say in
// which country the business is: jobs get dates, quotes get prices.
func Office(p OfficePolicy, screen func(http.ResponseWriter, *http.Request, staff.Viewer) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := session.OfficeViewer(r.Context())
		if !ok {
			officeDoor.send(w, r, route.OfficeLogin)
			return
		}
		if v.NeedsFactor() && !p.before {
			http.Redirect(w, r, route.OfficeSecondFactor, http.StatusSeeOther)
			return
		}
		if p.May != nil && !p.May(v) {
			page.Fail(w, r, apperr.Forbidden{Words: "Only an Administrator can open this page."})
			return
		}
		if v.Format.Unset() && r.URL.Path != route.OfficeSetUp && !p.before {
			http.Redirect(w, r, route.OfficeSetUp, http.StatusSeeOther)
			return
		}
		v.Request = page.RequestID(r)
		v.Flash, v.Warns = flash(r)
		v.DraftKey = session.DraftKey(r.Context())
		if f := waited(r.Context()); f != nil {
			v.Flash, v.Warns = f.words(), true
		}
		ask := proof{by: v.Actor(), home: route.Office, door: officeDoor, page: func(p signinview.Proof, problems problem.Set) templ.Component {
			return officeview.AskProof(v, p, problems)
		}}
		if err := v.Keepers.Check("", route.Changes(r.URL.Path)...); err != nil && r.Method == http.MethodGet { // a form that its deed refuses
			session.Warn(r.Context(), err.Error())
			if err := page.Redirect(w, r, path.Dir(r.URL.Path)); err != nil { // the thing itself, or the list, says where it comes from
				page.Fail(w, r, err)
			}
			return
		}
		r = r.WithContext(withoutKept(r.Context(), v))
		err := ask.run(w, r, func(proved bool) error {
			v.Stale = v.Stale && !proved
			return screen(w, r, v)
		})
		if err != nil {
			page.Fail(w, r, err)
		}
	}
}

// withoutKept leaves out what leads to forms that change what another system keeps.
func withoutKept(ctx context.Context, v staff.Viewer) context.Context {
	if len(v.Keepers) == 0 {
		return ctx
	}
	return ui.Without(ctx, func(address string) bool { return v.Keepers.Check("", route.Changes(address)...) != nil })
}

// Open is a screen for everybody, except for previews: signing in is no part of them.
func Open(screen func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := refuseSignIn(r); err != nil {
			page.Fail(w, r, err)
			return
		}
		if err := screen(w, r); err != nil {
			page.Fail(w, r, err)
		}
	}
}

// isPage reports whether somebody is about to read a page, and no picture or frame
// is loaded.
// See https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Dest
func isPage(r *http.Request) bool {
	if r.Method != http.MethodGet {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "", "document", byScript:
		return true
	}
	return false
}

// byScript is what a script asks for, such as htmx after a form.
const byScript = "empty"

// flash is what the last request has left to be said, for whoever is about to read
// a page: what else is loaded at the same moment must not take that away.
func flash(r *http.Request) (words string, warns bool) {
	if !isPage(r) {
		return "", false
	}
	script := ""
	if r.Header.Get("Sec-Fetch-Dest") == byScript {
		script = r.URL.Path
	}
	return session.TakeFlash(r.Context(), script)
}
