package portal

import (
	"context"
	"fmt"

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

func words(view, table string) list.Words {
	return list.Words{
		From: "portal." + view, ID: table + ".id", Newest: fmt.Sprintf("%[1]s.created_at desc, %[1]s.id desc", table),
		Fits:  fmt.Sprintf("ts_match_vq(%s.search, (select search_query(@typed)))", table),
		Index: fmt.Sprintf("%s.words @@ (select own_query(portal.customer_id(), search_query(@typed)))", table),
	}
}

// find takes the first look of a search among what the viewer sees, which among
// narrows as the list itself does; nil when nothing is searched for.
func (r *Reader) find(ctx context.Context, v Viewer, typed string, words list.Words, among list.Where) (*list.Search, error) {
	search := list.NewSearch(typed, words)
	if !search.On() {
		return nil, nil //nolint:nilnil // no search is none
	}
	err := v.readError(views.Read(ctx, r.db, v.eyes(), func(b *postgres.Batch) { search.Query(b, among) }))
	return &search, err
}

// findEverywhere is find for each of the contacts who see, by their ids.
func (r *Reader) findEverywhere(ctx context.Context, e Everywhere, typed string, words list.Words, sees func(Viewer) bool, among func(Viewer) list.Where) (map[int64]*list.Search, error) {
	found := map[int64]*list.Search{}
	err := r.everywhere(ctx, e, func(b *postgres.Batch, v Viewer, _ int) {
		if search := list.NewSearch(typed, words); search.On() && sees(v) {
			search.Query(b, among(v))
			found[v.Contact] = &search
		}
	})
	return found, err
}
