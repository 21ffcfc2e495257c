package officeweb

import (
	"net/http"

	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// ask is the page before a deed that somebody may regret: it finds the thing,
// says what will happen and offers to do it or to go back. Current is the
// navigation's place.
func ask[T any](w http.ResponseWriter, r *http.Request, v staff.Viewer, current string, find func(*http.Request) (T, error), question func(T) officeview.Confirmation) error {
	thing, err := find(r)
	if err != nil {
		return err
	}
	q := question(thing)
	q.Page = officeview.Page(v, q.Title, current)
	return page.Render(w, r, http.StatusOK, officeview.Confirm(q))
}

// done answers a deed: it says that it was done and goes on to next.
func done(w http.ResponseWriter, r *http.Request, words, next string, err error) error {
	if err != nil {
		return err
	}
	session.Flash(r.Context(), words)
	return page.Redirect(w, r, next)
}
