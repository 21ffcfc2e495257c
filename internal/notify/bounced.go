package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// sameCustomer is whom an email e went to, while they are of the customer that it
// is about.
const sameCustomer = `coalesce(e.customer_id, 0), coalesce((select c.id from contacts c where c.id = e.contact_id and c.customer_id = e.customer_id), 0)`

// BouncedTo is whom a mail was for that came back.
type BouncedTo struct{ Customer, Contact int64 }

// Bounced marks the mail with that Message-ID as one that did not arrive, with
// the words of the server that gave up; id is 0 when none of ours has it. One that
// only is late stays as it is.
func Bounced(ctx context.Context, tx postgres.Tx, messageID, words string, failed bool) (id int64, to BouncedTo, err error) {
	left, _, _ := strings.Cut(messageID, "@")
	if left == "" {
		return 0, to, nil
	}
	sql := `select id, ` + sameCustomer + ` from emails e where message_id = @message_id order by id limit 1`
	if failed {
		sql = `
			update emails e set state = case when state = 'sent' then 'failed' else state end, bounced_at = coalesce(bounced_at, now()),
				server_words = case when state = 'sent' then @words else server_words end
			where id = (select id from emails where message_id = @message_id order by id limit 1)
			returning id, ` + sameCustomer
	}
	err = tx.QueryRow(ctx, sql, pgx.NamedArgs{"message_id": left, "words": words}).Scan(&id, &to.Customer, &to.Contact)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, BouncedTo{}, nil
	}
	if err != nil {
		return 0, to, fmt.Errorf("note that an email came back: %w", err)
	}
	return id, to, nil
}
