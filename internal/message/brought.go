package message

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
)

// Brought is a message that was written elsewhere, by a member of staff or a
// contact.
type Brought struct {
	New
	By      int64 // the member of staff; 0 for a contact
	Contact int64
	At      time.Time
}

// Bring adds a message that was written elsewhere. Nobody is told of it.
func Bring(ctx context.Context, tx postgres.Tx, by audit.Actor, m Brought) (id int64, err error) {
	p := m.Check()
	p.Unless((m.By == 0) != (m.Contact == 0), "staff", "Say who wrote it: a member of staff or a contact.")
	p.Unless(!m.StaffOnly || m.By != 0, "staff", "A staff note is by a member of staff.")
	if err := p.Err(); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		insert into messages (customer_id, job_id, quote_id, staff_only, text, by_email, staff_id, contact_id, at)
		values (@customer, nullif(@job::bigint, 0), nullif(@quote::bigint, 0), @note, @text, @by_email, nullif(@staff::bigint, 0), nullif(@contact::bigint, 0), @at)
		returning id`,
		m.args(pgx.NamedArgs{"note": m.StaffOnly, "text": m.Text, "by_email": m.ByEmail, "staff": m.By, "contact": m.Contact, "at": m.At})).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("bring in a message: %w", err)
	}
	return id, audit.Record(ctx, tx, by, audit.New{Action: audit.MessageBrought, ID: id, Label: m.Number, Customer: m.Customer, After: map[string]any{m.thing(): m.Number, "text": m.Text}})
}
