package portal

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
)

// Reader is the only way to what customers see. Each look runs as a database
// role that can read the views of migrations/portal/views.sql and nothing
// else, in the name of one contact; the views hold the rule.
type Reader struct{ db postgres.DB }

// NewReader is a Reader on the program's pool.
func NewReader(pool *pgxpool.Pool) *Reader { return &Reader{pool} }

// read runs the queries as v.
func (r *Reader) read(ctx context.Context, v Viewer, queries func(*postgres.Batch)) error {
	err := postgres.Read(ctx, r.db, func(b *postgres.Batch) {
		// Everything set here ends with the batch: it is one implicit transaction.
		b.Do(`
			select set_config('role', current_user || '_portal', true), set_config('plan_cache_mode', 'force_custom_plan', true),
				set_config('portal.contact_id', @contact, true), set_config('portal.customer_id', @customer, true), set_config('portal.cutoff', '', true),
				set_config('portal.preview', @preview, true)`,
			pgx.NamedArgs{"contact": strconv.FormatInt(v.Contact, 10), "customer": strconv.FormatInt(v.Customer, 10), "preview": v.Preview.setting()})
		b.Do(`select set_config('portal.cutoff', cutoff::text, true) from portal.settings`, nil)
		queries(b)
		if v.News != nil {
			queryNews(b, v.News)
		}
	})
	if err != nil && !errors.Is(err, apperr.NotFound) {
		return fmt.Errorf("read as contact %d: %w", v.Contact, err)
	}
	return err
}
