// Package office is what staff do. Each method of Service is one deed: who does
// it and what they typed go in, and in one transaction the noun writes, the
// audit trail gets its entry and whoever should know is told. A screen, an
// import and an API call are ways to call the same method.
package office

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/calendar"
	"fieldgate/internal/day"
	"fieldgate/internal/keeper"
	"fieldgate/internal/notify"
	"fieldgate/internal/outbound"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/staff"
	"fieldgate/internal/storage"
)

// Service does what staff ask for.
type Service struct {
	// Webhooks says which private networks webhooks may lead to.
	Webhooks  outbound.Guard
	Calendars calendar.Feeds

	pool   *pgxpool.Pool
	notify *notify.Notifier
	store  *storage.Store
	queue  *queue.Client
	hasher *password.Hasher
	worker notify.Worker // for test emails, which somebody waits for

	// ImportsItself says that whoever begins an import also works on it, as the
	// command does: it is not for the queue.
	ImportsItself bool
}

// New is a Service on the program's pool.
func New(pool *pgxpool.Pool, notifier *notify.Notifier, store *storage.Store, q *queue.Client, hasher *password.Hasher, worker notify.Worker) *Service {
	return &Service{pool: pool, notify: notifier, store: store, queue: q, hasher: hasher, worker: worker}
}

// change runs do in a transaction, unless another system keeps things of one of
// these kinds and it is not that system which acts.
func (s *Service) change(ctx context.Context, by staff.Viewer, kinds []keeper.Kind, do func(postgres.Tx) error) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := keeper.Check(ctx, tx, by.Source, kinds...); err != nil {
			return err
		}
		return do(tx)
	})
}

// What deeds change.
var (
	ofCustomers = []keeper.Kind{keeper.Customers}
	ofSites     = []keeper.Kind{keeper.Sites}
	ofContacts  = []keeper.Kind{keeper.Contacts}
	ofEquipment = []keeper.Kind{keeper.Equipment}
	ofJobs      = []keeper.Kind{keeper.Jobs}
	ofQuotes    = []keeper.Kind{keeper.Quotes}
)

// today is the business's calendar day.
func today(by staff.Viewer) day.Day { return by.Format.Today() }
