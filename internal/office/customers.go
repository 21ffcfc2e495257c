package office

import (
	"context"
	"slices"

	"fieldgate/internal/access"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
)

// CreateCustomer adds a customer. A form sent twice adds one.
func (s *Service) CreateCustomer(ctx context.Context, by staff.Viewer, n customer.New) (ref customer.Ref, err error) {
	err = s.change(ctx, by, ofCustomers, func(tx postgres.Tx) error {
		ref, _, err = customer.Create(ctx, tx, by.Actor(), n)
		return err
	})
	return ref, err
}

// EditCustomer saves what the office keeps of a customer, shown as version.
func (s *Service) EditCustomer(ctx context.Context, by staff.Viewer, number string, version int64, d customer.Details) error {
	return s.change(ctx, by, ofCustomers, func(tx postgres.Tx) error { return customer.Edit(ctx, tx, by.Actor(), number, version, d) })
}

// ArchiveCustomer takes a customer off the list: its contacts cannot enter the
// portal from their next request on.
func (s *Service) ArchiveCustomer(ctx context.Context, by staff.Viewer, number string) error {
	return s.change(ctx, by, ofCustomers, func(tx postgres.Tx) error { return customer.Archive(ctx, tx, by.Actor(), number) })
}

// RestoreCustomer puts an archived customer back on the list.
func (s *Service) RestoreCustomer(ctx context.Context, by staff.Viewer, number string) error {
	return s.change(ctx, by, ofCustomers, func(tx postgres.Tx) error { return customer.Restore(ctx, tx, by.Actor(), number) })
}

// MergeCustomers makes one customer of two, for good: all of gone's goes over to
// stays. Unless keepAccess is set, its contacts who come over, and those who were
// there twice, are suspended until somebody has looked at what they would see;
// whose twin was suspended is in any case. It returns how many those are. A company
// login of gone ends; one of stays is as it was. Tokens that name gone reach neither
// by it.
func (s *Service) MergeCustomers(ctx context.Context, by staff.Viewer, gone, stays string, keepAccess bool) (suspended int, err error) {
	if err := by.CheckProof(); err != nil {
		return 0, err
	}
	err = s.change(ctx, by, keeper.Kinds, func(tx postgres.Tx) error { // all that is theirs changes its customer
		suspended = 0
		if err := customer.LockBoth(ctx, tx, gone, stays); err != nil {
			return err
		}
		withAccess, err := contact.LockWithAccess(ctx, tx, gone)
		if err != nil {
			return err
		}
		if err := signin.EndCompanyLogin(ctx, tx, by.Actor(), gone); err != nil {
			return err
		}
		if err := token.LeaveCustomer(ctx, tx, gone); err != nil {
			return err
		}
		merged, done, err := customer.Merge(ctx, tx, by.Actor(), gone, stays)
		if err != nil || !done {
			return err
		}
		if err := contact.RecordMerged(ctx, tx, by.Actor(), merged.Into.ID, merged.Archived); err != nil {
			return err
		}
		see := merged.Suspended
		if !keepAccess {
			see = slices.Concat(withAccess, merged.Twins)
		}
		slices.Sort(see)
		for _, id := range slices.Compact(see) {
			changed, err := access.Suspend(ctx, tx, s.notify, by.Actor(), merged.Into.ID, id)
			if err != nil {
				return err
			}
			if changed {
				suspended++
			}
		}
		return nil
	})
	return suspended, err
}
