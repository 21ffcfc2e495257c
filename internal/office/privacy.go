package office

import (
	"context"
	"strings"

	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
	"fieldgate/internal/privacy"
	"fieldgate/internal/problem"
	"fieldgate/internal/retention"
	"fieldgate/internal/staff"
)

// EditRetention saves Administration → Retention, shown as version. It lets
// evidence go, so it wants a fresh proof.
func (s *Service) EditRetention(ctx context.Context, by staff.Viewer, version int64, to retention.Settings) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		if err := retention.Edit(ctx, tx, by.Actor(), version, to); err != nil {
			return err
		}
		return by.CheckProof()
	})
}

// ContactData is what is stored about a contact, as a file for them.
func (s *Service) ContactData(ctx context.Context, from postgres.DB, by staff.Viewer, number string, id int64) (c contact.Row, file []byte, err error) {
	c, err = s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) (err error) {
		if err := by.CheckProof(); err != nil {
			return err
		}
		from := postgres.Within(tx, from)
		if file, err = privacy.Data(ctx, from, c.Contact); postgres.LeaveStandby(ctx, err) {
			file, err = privacy.Data(ctx, from, c.Contact)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, by.Actor(), audit.New{Action: audit.ContactDataDownloaded, ID: c.ID, Label: c.Name, Customer: c.CustomerID})
	})
	return c, file, err
}

// EraseContact erases a contact for good; whoever does it types the contact's
// name.
func (s *Service) EraseContact(ctx context.Context, by staff.Viewer, number string, id int64, typed string) (contact.Row, error) {
	return s.changeContact(ctx, number, id, func(tx postgres.Tx, c contact.Row) error {
		if !c.Erased() && !strings.EqualFold(strings.Join(strings.Fields(typed), " "), strings.Join(strings.Fields(c.Name), " ")) {
			return problem.Of("name", "Enter the name exactly as above.")
		}
		if err := by.CheckProof(); err != nil {
			return err
		}
		return privacy.Erase(ctx, tx, by.Actor(), c.Contact)
	})
}
