package list

import (
	"fmt"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Part is one source of a list that is gathered from several, with the
// expression by which its rows are sorted. Ids must differ between parts.
type Part struct {
	Expr   string
	Source Source
}

// QueryUnion adds a list to a batch that is gathered from parts. They have the
// same columns and are sorted alike: each reads no further than the page does.
// Columns and joins are of what the parts give, for what only the rows of the
// page need; no join loses a row.
func QueryUnion[T any](b *postgres.Batch, into *Page[T], q Query, orders Orders, parts []Part, columns, joins string) {
	if len(parts) == 0 {
		return
	}
	order := orders.find(q.Sort)
	direction := "asc"
	if q.Desc != q.backwards() {
		direction = "desc"
	}
	var statements []string
	args := pgx.NamedArgs{}
	for _, p := range parts {
		sql, of := Statement(q, Orders{{Key: order.Key, Expr: p.Expr, Type: order.Type, Desc: order.Desc}}, p.Source)
		statements = append(statements, "("+sql+")")
		maps.Copy(args, of)
	}
	sorted := fmt.Sprintf("order by list_key::%s %s, list_id %s", order.Type, direction, direction)
	sql := fmt.Sprintf("select %s, list_key, list_id from (select * from (%s) parts %s limit %d) gathered %s %[3]s",
		columns, strings.Join(statements, " union all "), sorted, q.size()+1, joins)
	b.Add(sql, args, func(rows pgx.Rows) (err error) {
		*into, err = Collect[T](q, rows)
		return err
	})
}
