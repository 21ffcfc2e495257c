package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/postgres"
)

// names are the columns that name keys of the store, all of them: a test
// compares them with the schema. needed is the condition under which a row still
// needs its bytes; "" is always. label is how a row is called in a report.
//
// What stands without a label can be made again: no backup copies it, and nobody
// misses it.
var names = []struct{ table, column, needed, label string }{
	{"attachments", "blob_key", kept, `'the file “' || name || '” of ' || uploaded_at::date`},
	{"attachments", "web_key", kept, `'a picture of “' || name || '”'`},
	{"attachments", "thumb_key", kept, `'a small picture of “' || name || '”'`},
	{"acceptances", "signature_key", "", `'the signature of ' || full_name`},
	{"inbound_emails", "raw_key", "", `'the email “' || subject || '” that came on ' || at::date`},
	{"file_imports", "blob_key", "", `'the zip “' || name || '” of files to import'`},
	{"imports", "blob_key", "", `'the file “' || name || '” to be imported'`},
	{"exports", "blob_key", "", ""},
	{"company", "logo_key", "", `'the logo'`},
	{"company", "banner_key", "", `'the banner of the sign-in page'`},
}

// kept is while a file is there, and as long afterwards as Administration →
// Retention says.
const kept = `(removed_at is null or removed_at > (select removed_files_since()))`

// use says whether bytes are needed.
type use int

const (
	unnamed use = iota // no row names them
	removed            // files name them that were removed long ago
	needed
)

// usesSQL answers for each of $1 whether a row names it, and whether one needs it.
// Indexes alone tell the first; the second is asked of what is named.
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
	return "select key, named, case when named then " + strings.Join(need, " or ") + " else false end from (select key, " + strings.Join(named, " or ") + " as named from unnest($1::text[]) key offset 0) keys"
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

// Needed are the keys of all files that rows need, each once.
func Needed(ctx context.Context, db postgres.DB) (keys []string, err error) {
	seen := map[string]bool{}
	err = eachNamed(ctx, db, func(some []Named) error {
		for _, n := range some {
			if !seen[n.Key] {
				seen[n.Key] = true
				keys = append(keys, n.Key)
			}
		}
		return nil
	})
	return keys, err
}

// unname takes from removed files the keys of bytes that are about to be
// deleted: so that nobody looks for them, whatever is set later about how long
// removed files are kept.
func unname(ctx context.Context, pool *pgxpool.Pool, keys []string) error {
	_, err := pool.Exec(ctx, unnameSQL+` and (blob_key = any($1) or web_key = any($1) or thumb_key = any($1))`, keys)
	if err != nil {
		return fmt.Errorf("forget the names of removed files: %w", err)
	}
	return nil
}

// unnameMissing is unname for files whose bytes have gone otherwise, as on a
// machine that was restored from a backup, which leaves them out.
func unnameMissing(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := postgres.InBatches(ctx, func(ctx context.Context) (int64, error) {
		tag, err := pool.Exec(ctx, unnameSQL+` and id = any(array(
			select id from attachments where removed_at is not null and blob_key <> '' and removed_at <= (select removed_files_since()) order by removed_at limit $1))`, atOnce)
		return tag.RowsAffected(), err
	})
	if err != nil {
		return fmt.Errorf("forget the names of removed files: %w", err)
	}
	return nil
}

const unnameSQL = `update attachments set blob_key = '', web_key = '', thumb_key = '' where not ` + kept

// eachNamed goes through all that is needed, a thousand at a time.
func eachNamed(ctx context.Context, db postgres.DB, do func([]Named) error) error {
	for _, n := range names {
		if n.label == "" {
			continue
		}
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
