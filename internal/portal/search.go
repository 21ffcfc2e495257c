package portal

import (
	"context"
	"fmt"
	"strings"

	"fieldgate/internal/list"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
)

// Things are searched by their own words, and by those of the files on them that
// are shown to whoever sees them. The index has the words of each customer apart.
var (
	jobWords       = words("jobs j", "j")
	quoteWords     = words("quotes q", "q")
	equipmentWords = words("equipment e", "e")
)

// words looks at a thing's own words and at those of its files. Of several words
// some may stand here and some there: then both have one of them at least.
func words(view, table string) list.Words {
	const (
		typed = "(select search_query(@typed))"
		anyOf = "(select regexp_replace(search_query(@typed)::text, '&|<[-0-9]+>', '|', 'g')::tsquery)"
	)
	fits := fmt.Sprintf("(ts_match_vq(%[1]s.own_search, %[2]s) or ts_match_vq(%[1]s.file_words, %[2]s) or (select numnode(search_query(@typed)) > 1) and ts_match_vq(%[1]s.file_words, %[3]s) and ts_match_vq(%[1]s.own_search, %[3]s) and ts_match_vq(%[1]s.search, %[2]s))", table, typed, anyOf)
	return list.Words{
		From: "portal." + view, ID: table + ".id", At: table + ".created_at",
		Fits:  fits,
		Index: table + ".words @@ (select own_query(portal.customer_id(), wide_query(search_query(@typed)))) and " + fits,
	}
}

// newSearch is a search among what a viewer sees. What few of the customer's
// things come into question are looked through: the index of words would give
// all that others of the customer see, too.
func newSearch(typed string, words list.Words, among list.Where) list.Search {
	if !among.None() {
		words.Index = words.Fits
	}
	return list.NewSearch(typed, words)
}

// find takes the first look of a search among what the viewer sees, which among
// narrows as the list itself does; nil when nothing is searched for.
func (r *Reader) find(ctx context.Context, v Viewer, typed string, words list.Words, among list.Where) (*list.Search, error) {
	search := newSearch(typed, words, among)
	if !search.On() {
		return nil, nil //nolint:nilnil // no search is none
	}
	v.News = nil // the list asks for them
	err := r.readOne(ctx, v, func(b *postgres.Batch) { search.Query(b, among) })
	return &search, err
}

// findEverywhere is find for each of the contacts who see, by their ids.
func (r *Reader) findEverywhere(ctx context.Context, e Everywhere, typed string, words list.Words, sees func(Viewer) bool, among func(Viewer) list.Where) (map[int64]*list.Search, error) {
	found := map[int64]*list.Search{}
	if strings.TrimSpace(typed) == "" {
		return found, nil
	}
	err := r.everywhere(ctx, e, func(b *postgres.Batch, v Viewer, _ int) {
		if sees(v) {
			search := newSearch(typed, words, among(v))
			views.KeepPlans(b)
			search.Query(b, among(v))
			found[v.Contact] = &search
		}
	})
	return found, err
}

// keepPlansOf lets a list be planned once for whoever looks whose search found
// few: they are found by their ids. How to look through many depends on who looks,
// unless an index has the list in its order: planning that takes three times as
// long as doing it.
func keepPlansOf(b *postgres.Batch, s *list.Search, inOrder bool) {
	switch {
	case !s.On():
	case !s.Many():
		views.KeepPlans(b)
	case inOrder:
		views.KeepSearch(b)
	}
}
