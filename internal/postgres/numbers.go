package postgres

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
)

// Sequence draws numbers that people read, each behind a letter and a dash.
type Sequence struct{ name, prefix string }

// The sequences.
var (
	CustomerNumbers = Sequence{"customer_numbers", "C-"}
	QuoteNumbers    = Sequence{"quote_numbers", "Q-"}
	JobNumbers      = Sequence{"job_numbers", "J-"}
)

var drawn = regexp.MustCompile(`^([A-Z]-)([0-9]{1,15})$`)

// PastNumber sets a sequence past a number that did not come from it, so that it
// is not drawn again. Of a number that the sequence could not have drawn there is
// nothing to do.
func PastNumber(ctx context.Context, tx Tx, s Sequence, number string) error {
	m := drawn.FindStringSubmatch(number)
	if m == nil || m[1] != s.prefix {
		return nil
	}
	n, err := strconv.ParseInt(m[2], 10, 64)
	if err != nil {
		return fmt.Errorf("number %s: %w", number, err)
	}
	if _, err := tx.Exec(ctx, `select setval(($1::text)::regclass, $2::bigint) from pg_sequences where schemaname = 'public' and sequencename = $1::text and coalesce(last_value, start_value - 1) < $2::bigint`, s.name, n); err != nil {
		return fmt.Errorf("set the sequence past %s: %w", number, err)
	}
	return nil
}
