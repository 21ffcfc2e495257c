package customer

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Named are the customers that a filter's text names: the one with that number,
// else those whose number or name fits it, at most 200.
type Named struct {
	ID     int64 // of the one with that number; 0 without
	Number string
	Name   string
	IDs    []int64 // all of them
}

// QueryNamed adds a query for the customers that a filter's text names.
func QueryNamed(b *postgres.Batch, into *Named, typed string) {
	postgres.QueryOne(b, into, `
		with one as (select id, number, name from customers where number = @number),
		called as (select id from customers
			where not exists (select from one) and `+called+` order by id limit 200)
		select coalesce((select id from one), 0) as id, coalesce((select number from one), '') as number, coalesce((select name from one), '') as name,
			array(select id from one union all select id from called) as ids`,
		pgx.NamedArgs{"number": strings.ToUpper(typed), "typed": typed})
}
