package office

import (
	"context"

	"fieldgate/internal/customer"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// CreateCustomer adds a customer. A form sent twice adds one.
func (s *Service) CreateCustomer(ctx context.Context, by staff.Viewer, n customer.New) (ref customer.Ref, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		ref, _, err = customer.Create(ctx, tx, by.Actor(), n)
		return err
	})
	return ref, err
}

// EditCustomer saves what the office keeps of a customer, shown as version.
func (s *Service) EditCustomer(ctx context.Context, by staff.Viewer, number string, version int64, d customer.Details) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return customer.Edit(ctx, tx, by.Actor(), number, version, d) })
}

// ArchiveCustomer takes a customer off the list: its contacts cannot enter the
// portal from their next request on.
func (s *Service) ArchiveCustomer(ctx context.Context, by staff.Viewer, number string) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return customer.Archive(ctx, tx, by.Actor(), number) })
}

// RestoreCustomer puts an archived customer back on the list.
func (s *Service) RestoreCustomer(ctx context.Context, by staff.Viewer, number string) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error { return customer.Restore(ctx, tx, by.Actor(), number) })
}
