package postgres

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// EachByName gives each row to take, as pgx.RowToStructByName makes one. Where
// columns go is found once, not for each row: it takes longer than reading one.
// The last columns, if any are named, go there and are no part of T.
func EachByName[T any](rows pgx.Rows, take func(T), last ...any) error {
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	fields := rows.FieldDescriptions()
	of := targets{fields: fields[:max(len(fields)-len(last), 0)]}
	row, err := pgx.RowToAddrOfStructByName[T](&of)
	if err != nil {
		return err
	}
	into := append(of.into, last...)
	for more := true; more; more = rows.Next() {
		var empty T
		*row = empty
		if err := rows.Scan(into...); err != nil {
			return err
		}
		take(*row)
	}
	return rows.Err()
}

// targets is a row that only learns where its columns are to go.
type targets struct {
	fields []pgconn.FieldDescription
	into   []any
}

func (t *targets) FieldDescriptions() []pgconn.FieldDescription { return t.fields }

func (t *targets) Scan(into ...any) error {
	t.into = into
	return nil
}

func (*targets) Values() ([]any, error) { return nil, errors.ErrUnsupported }

func (*targets) RawValues() [][]byte { return nil }

// Texts remember what was made of a text of SQL, of which the program has a few
// hundred: of more than are kept it is made each time.
type Texts[V any] struct {
	made  sync.Map
	count atomic.Int64
}

const mostTexts = 2000

// Of is what make makes of the text. It keeps what make says may be kept.
func (t *Texts[V]) Of(text string, create func(string) (made V, keep bool)) V {
	if v, ok := t.made.Load(text); ok {
		return v.(V) //nolint:forcetypeassert // nothing else is kept
	}
	v, keep := create(text)
	if keep && t.count.Load() < mostTexts {
		if _, there := t.made.LoadOrStore(text, v); !there {
			t.count.Add(1)
		}
	}
	return v
}
