package office

import (
	"context"

	"fieldgate/internal/equipment"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
)

// CreateEquipment adds an item. A form sent twice adds one.
func (s *Service) CreateEquipment(ctx context.Context, by staff.Viewer, n equipment.New) (ref equipment.Ref, err error) {
	err = s.change(ctx, by, ofEquipment, func(tx postgres.Tx) (err error) {
		ref, _, err = equipment.Create(ctx, tx, by.Actor(), n)
		return err
	})
	return ref, err
}

// EditEquipment saves what is known of an item.
func (s *Service) EditEquipment(ctx context.Context, by staff.Viewer, id string, version int64, d equipment.Details) error {
	return s.change(ctx, by, ofEquipment, func(tx postgres.Tx) error { return equipment.Edit(ctx, tx, by.Actor(), id, version, d) })
}

// RetireEquipment takes an item out of use.
func (s *Service) RetireEquipment(ctx context.Context, by staff.Viewer, id string) error {
	return s.setEquipmentStatus(ctx, by, id, equipment.Retired)
}

// RestoreEquipment brings an item back into use.
func (s *Service) RestoreEquipment(ctx context.Context, by staff.Viewer, id string) error {
	return s.setEquipmentStatus(ctx, by, id, equipment.InUse)
}

func (s *Service) setEquipmentStatus(ctx context.Context, by staff.Viewer, id string, to equipment.Status) error {
	return s.change(ctx, by, ofEquipment, func(tx postgres.Tx) error { return equipment.SetStatus(ctx, tx, by.Actor(), id, to) })
}
