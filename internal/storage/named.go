package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// removedFor is how long the bytes of a removed file are kept, as the product
// sets it.
const removedFor = "30 days"

// names are the columns that name keys of the store, all of them: a test
// compares them with the schema. needed is the condition under which a row still
// needs its bytes; "" is always. label is how a row is called in a report.
var names = []struct{ table, column, needed, label string }{
	{"attachments", "blob_key", kept, `'the file “' || name || '” of ' || uploaded_at::date`},
	{"attachments", "web_key", kept, `'a picture of “' || name || '”'`},
	{"attachments", "thumb_key", kept, `'a small picture of “' || name || '”'`},
	{"acceptances", "signature_key", "", `'the signature of ' || full_name`},
	{"company", "logo_key", "", `'the logo'`},
	{"company", "banner_key", "", `'the banner of the sign-in page'`},
}

const kept = `(removed_at is null or removed_at > now() - interval '` + removedFor + `')`

// use says whether bytes are needed.
type use int

const (
	unnamed use = iota // no row names them
	removed            // a file named them that was removed long ago
	needed
)

// usesSQL answers for each of $1 whether a row names it, and whether one needs it.
var usesSQL = func() string {
	var named, need []string
	for _, n := range names {
		is := fmt.Sprintf("exists (select from %s where %s = key and %s <> ''", n.table, n.column, n.column)
		named = append(named, is+")")
		if n.needed != "" {
			is += " and " + n.needed
		}
		need = append(need, is+")")
	}
	return "select key, " + strings.Join(named, " or ") + ", " + strings.Join(need, " or ") + " from unnest($1::text[]) key"
}()

// usesOf says of each key whether its bytes are needed.
func usesOf(ctx context.Context, db postgres.DB, keys []string) (map[string]use, error) {
	rows, err := db.Query(ctx, usesSQL, keys)
	if err != nil {
		return nil, fmt.Errorf("ask who names files: %w", err)
	}
	uses := make(map[string]use, len(keys))
	var (
		key           string
		isNamed, must bool
	)
	_, err = pgx.ForEachRow(rows, []any{&key, &isNamed, &must}, func() error {
		switch {
		case must:
			uses[key] = needed
		case isNamed:
			uses[key] = removed
		default:
			uses[key] = unnamed
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ask who names files: %w", err)
	}
	if len(uses) != len(keys) {
		return nil, fmt.Errorf("ask who names files: %d answers about %d keys", len(uses), len(keys))
	}
	return uses, nil
}

// Named is a file that something needs, and what that is.
type Named struct{ Key, Label string }

// eachNamed goes through all that is needed, a thousand at a time.
func eachNamed(ctx context.Context, db postgres.DB, do func([]Named) error) error {
	for _, n := range names {
		condition := n.column + " <> '' and " + n.column + " > $1"
		if n.needed != "" {
			condition += " and " + n.needed
		}
		sql := fmt.Sprintf("select distinct on (%[1]s) %[1]s as key, %[2]s as label from %[3]s where %[4]s order by %[1]s limit %[5]d", n.column, n.label, n.table, condition, atOnce)
		for last := ""; ; {
			rows, err := db.Query(ctx, sql, last)
			if err != nil {
				return fmt.Errorf("go through the files that are named: %w", err)
			}
			some, err := pgx.CollectRows(rows, pgx.RowToStructByName[Named])
			if err != nil {
				return fmt.Errorf("go through the files that are named: %w", err)
			}
			if len(some) == 0 {
				break
			}
			if err := do(some); err != nil {
				return err
			}
			last = some[len(some)-1].Key
		}
	}
	return nil
}
