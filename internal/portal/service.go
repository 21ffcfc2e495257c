package portal

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/contact"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/storage"
)

// Service takes what contacts ask for. It looks through the Reader first, so that
// what is not seen cannot be acted on; then it asks for the permission again,
// in the transaction that writes.
type Service struct {
	pool   *pgxpool.Pool
	reader *Reader
	notify *notify.Notifier
	store  *storage.Store
	queue  *queue.Client
}

// NewService is a Service on the program's pool.
func NewService(pool *pgxpool.Pool, reader *Reader, notifier *notify.Notifier, store *storage.Store, q *queue.Client) *Service {
	return &Service{pool: pool, reader: reader, notify: notifier, store: store, queue: q}
}

// transact runs do in a transaction in which the contact still has the
// permission that may asks for. The contact's row is locked: a change of
// permissions or a suspension comes wholly before or wholly after. In a preview
// nothing is done.
func (d *Service) transact(ctx context.Context, v Viewer, may func(Viewer) bool, do func(postgres.Tx, Viewer) error) error {
	return d.transactAfter(ctx, v, func(postgres.Tx) error { return nil }, may, do)
}

// transactAfter is transact for what needs other rows locked before the contact's.
func (d *Service) transactAfter(ctx context.Context, v Viewer, first func(postgres.Tx) error, may func(Viewer) bool, do func(postgres.Tx, Viewer) error) error {
	if v.Previewing() {
		return apperr.Forbidden{Words: "This is a preview: nothing is saved or sent."}
	}
	return postgres.Transact(ctx, d.pool, func(tx postgres.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		v.News = nil
		now, err := lock(ctx, tx, v)
		if err != nil {
			return err
		}
		if !may(now) {
			return apperr.Forbidden{}
		}
		return do(tx, now)
	})
}

// nonce makes a form's nonce the contact's own: who sends another's finds
// nothing by it. Without one every sending counts.
func (v Viewer) nonce(typed string) string {
	if typed == "" {
		return ""
	}
	return strconv.FormatInt(v.Contact, 10) + " " + typed
}

// refuseOnHold answers requests for new work of a customer who is on hold.
func refuseOnHold(v Viewer) error {
	if !v.OnHold {
		return nil
	}
	if v.Business.Phone == "" {
		return apperr.Conflictf("New requests are on hold for %s at the moment. Please contact %s.", v.CustomerName, v.Business.Name)
	}
	return apperr.Conflictf("New requests are on hold for %s at the moment. Please call %s on %s.", v.CustomerName, v.Business.Name, v.Business.Phone)
}

// lock reads the viewer's permissions as they are in tx, and keeps them so. A
// contact acts once at a time; the customer's row is only kept from going
// away, since many contacts act for it and some change it.
func lock(ctx context.Context, tx postgres.Tx, v Viewer) (Viewer, error) {
	err := tx.QueryRow(ctx, `
		select `+contact.PermissionColumns("c")+`, cu.on_hold
		from contacts c
		join customers cu on cu.id = c.customer_id
		where c.id = @contact and c.customer_id = @customer and c.person_id = @person
			and c.access = 'active' and c.archived_at is null and cu.archived_at is null
		for no key update of c for key share of cu`,
		pgx.NamedArgs{"contact": v.Contact, "customer": v.Customer, "person": v.Person},
	).Scan(append(contact.ScanPermissions(&v.Permissions), &v.OnHold)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return Viewer{}, apperr.NotFound
	}
	if err != nil {
		return Viewer{}, fmt.Errorf("lock the contact: %w", err)
	}
	return v, nil
}
