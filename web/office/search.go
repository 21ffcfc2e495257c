package officeweb

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"fieldgate/internal/postgres"
	"fieldgate/internal/search"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// Search is the search over everything.
type Search struct{ DB postgres.DB }

// Hits of each kind: while typing, and on the page.
const (
	fewTyping = 3
	fewOnPage = 6
)

// Show answers the search: a number leads straight to its thing, unless all
// results are asked for; the field in the frame asks while somebody types.
func (h Search) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, values := r.Context(), r.URL.Query()
	typed := strings.TrimSpace(form.Line(values.Get("q")))
	view := officeview.SearchPage{Page: officeview.Page(v, "Search", ""), Typed: typed}
	var err error
	if r.Header.Get("HX-Target") == "finder" {
		if utf8.RuneCountInString(typed) < 2 {
			view.Typed = "" // one letter says too little
		} else if view.Found, err = search.Find(ctx, h.DB, search.Query{Typed: typed, Few: fewTyping}); err != nil {
			return err
		}
		return page.Render(w, r, http.StatusOK, officeview.Finder(view))
	}
	if values.Get("all") == "" && r.Header.Get("HX-Request") == "" {
		exact, err := search.FindExact(ctx, h.DB, typed)
		if err != nil {
			return err
		}
		if exact != nil {
			return page.Redirect(w, r, officeview.HitURL(*exact))
		}
	}
	if view.Found, err = search.Find(ctx, h.DB, search.Query{Typed: typed, Few: fewOnPage, Tally: true}); err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.Search(view))
}
