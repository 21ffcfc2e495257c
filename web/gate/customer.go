package gate

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/portal"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// CheckContact refuses a form that was shown for another contact than the one
// who sends it: somebody with several customers has switched in another tab.
// Every form of the portal names its contact (ui.FormKeys), and every screen
// that takes one asks this before anything else; nothing is written.
func CheckContact(shownFor string, v portal.Viewer) error {
	if shownFor == strconv.FormatInt(v.Contact, 10) {
		return nil
	}
	if shownFor == "" {
		return apperr.Conflictf("Part of this form was lost on the way. Nothing was saved: open it again and send it once more.")
	}
	if id, err := strconv.ParseInt(shownFor, 10, 64); err == nil && v.Customers[id] != "" {
		return elsewhere(id)
	}
	return apperr.Conflictf("This form was opened for another customer, and you are now looking at %s. Nothing was saved: open the form again.", v.CustomerName)
}

// elsewhere says that something belongs to another customer of the same person,
// where they look as that contact.
type elsewhere int64

func (elsewhere) Error() string { return "of another customer of the same person" }

type readerKey struct{}

// Elsewhere lets people of several customers switch to the one that a link is
// of; find is that of the Reader.
func Elsewhere(find func(context.Context, portal.Viewer, portal.Record) (int64, error)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), readerKey{}, find)))
		})
	}
}

// linkedTo reports whether a link names another of the viewer's customers than
// the one they look at. One that names anybody else's names nobody.
func linkedTo(r *http.Request, v portal.Viewer) (elsewhere, bool) {
	id := form.Asked(r, route.As)
	return elsewhere(id), r.Method == http.MethodGet && id != v.Contact && v.Customers[id] != ""
}

// lookElsewhere is err, or that what the viewer does not find here, or may not
// do, is there for them at another customer.
func lookElsewhere(r *http.Request, v portal.Viewer, err error) error {
	find, ok := r.Context().Value(readerKey{}).(func(context.Context, portal.Viewer, portal.Record) (int64, error))
	area := strings.Split(r.URL.Path, "/")
	nothing := errors.Is(err, apperr.NotFound) || errors.Is(err, apperr.Forbidden{})
	if !ok || !nothing || !isPage(r) || len(area) < 3 {
		return err
	}
	contact, failed := find(r.Context(), v, portal.Record{Area: area[1], Key: area[2]})
	if failed != nil {
		return failed
	}
	if contact != 0 {
		return elsewhere(contact)
	}
	return err
}

// refuse answers what went wrong for a viewer of the portal. Who has come to
// another of their customers is asked to switch, and a form waits there.
func refuse(w http.ResponseWriter, r *http.Request, v portal.Viewer, err error) {
	err = lookElsewhere(r, v, err)
	if other, ok := errors.AsType[elsewhere](err); ok {
		err = askSwitch(w, r, v, int64(other))
	}
	if err != nil {
		page.Fail(w, r, err)
	}
}

func askSwitch(w http.ResponseWriter, r *http.Request, v portal.Viewer, contact int64) error {
	v.DraftKey = "" // nothing was sent
	q := portalview.Switch{Viewer: v, Contact: contact, Next: r.URL.RequestURI()}
	switch f := waited(r.Context()); {
	case f != nil:
		q.Next, q.Form = f.at, true
	case r.Method == http.MethodPost:
		next, err := portalDoor.keep(w, r)
		if err != nil {
			return err
		}
		q.Next, q.Form = next, true
	}
	return page.Render(w, r, http.StatusConflict, portalview.AskSwitch(q))
}
