package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// named are the arguments of a query of a batch. They take their places as those
// of pgx do, which looks through the text each time.
type named pgx.NamedArgs

// placed is a text with $1 in place of the first name, and so on.
type placed struct {
	sql   string
	names []any
	err   error
}

var placedTexts Texts[placed]

// RewriteQuery gives each argument its place.
func (n named) RewriteQuery(ctx context.Context, conn *pgx.Conn, sql string, _ []any) (string, []any, error) {
	p := placedTexts.Of(sql, func(sql string) (p placed, keep bool) {
		names := pgx.NamedArgs{}
		for name := range n {
			names[name] = name
		}
		p.sql, p.names, p.err = names.RewriteQuery(ctx, conn, sql, nil)
		return p, p.err == nil && !slices.Contains(p.names, nil) // one that is missing may come with the next
	})
	if p.err != nil {
		return "", nil, p.err
	}
	args := make([]any, len(p.names))
	for i, name := range p.names {
		if name, ok := name.(string); ok {
			args[i] = n[name]
		}
	}
	return p.sql, args, nil
}
