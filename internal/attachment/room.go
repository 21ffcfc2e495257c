package attachment

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Room is what may still be sent, by each bound that there is; nil is all of it.
type Room []Bound

// Bound is how many files and bytes one bound leaves, and what to answer beyond.
type Bound struct {
	Files int
	Bytes int64
	Over  error
}

// NoBound is for a Bound that does not count files.
const NoBound = math.MaxInt

// Fits is nil as long as there is room for so many files of so many bytes
// together, else what the first bound has to say.
func (r Room) Fits(files int, bytes int64) error {
	for _, b := range r {
		if files > b.Files || bytes > b.Bytes {
			return b.Over
		}
	}
	return nil
}

// Usage is how much a customer's files take, and may take, in bytes. What was
// removed counts as long as it is kept.
type Usage struct{ Used, Quota int64 }

// GB is the unit of quotas.
const GB = 1_000_000_000

const usage = `
	select coalesce((select s.bytes from stored_files s where s.customer_id = cu.id), 0)
			+ coalesce((select sum(a.size) from attachments a where a.customer_id = cu.id and a.removed_at > (select removed_files_since())), 0)::bigint as used,
		coalesce(cu.file_quota, p.file_quota) * @gb::bigint as quota
	from customers cu, portal_settings p where `

// QueryUsage adds the usage of the customer with that number to a batch.
func QueryUsage(b *postgres.Batch, into *Usage, number string) {
	postgres.QueryOne(b, into, usage+`cu.number = @number`, pgx.NamedArgs{"number": number, "gb": GB})
}

// QueryUsageOf adds the usage of the customer with that id to a batch.
func QueryUsageOf(b *postgres.Batch, into *Usage, customer int64) {
	postgres.QueryOne(b, into, usage+`cu.id = @customer`, pgx.NamedArgs{"customer": customer, "gb": GB})
}

// LockUsage keeps the usage of a customer as it is until tx ends.
func LockUsage(ctx context.Context, tx postgres.Tx, customer int64) error {
	_, err := tx.Exec(ctx, `insert into stored_files as s (customer_id, bytes) values ($1, 0) on conflict (customer_id) do update set bytes = s.bytes`, customer)
	if err != nil {
		return fmt.Errorf("lock what files take: %w", err)
	}
	return nil
}
