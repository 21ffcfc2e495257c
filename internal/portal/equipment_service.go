package portal

import (
	"context"
	"errors"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/equipment"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// NewEquipment is a piece of equipment that a contact adds.
type NewEquipment struct {
	equipment.Description
	Nonce string
	Files []attachment.Incoming
	// Problems are what could not be read of it, by field.
	Problems problem.Set
}

// AskEquipment answers whether the viewer may add equipment now, and how much
// may come with it.
func (d *Service) AskEquipment(ctx context.Context, v Viewer) (attachment.Room, error) {
	return d.ask(ctx, v, Viewer.MayAddEquipment, func(context.Context, postgres.Tx, Viewer) error { return nil })
}

// AddEquipment adds a piece of equipment with its files, and tells whom the
// office wants told. It returns the item's opaque id. A form sent twice adds
// one.
func (d *Service) AddEquipment(ctx context.Context, v Viewer, n NewEquipment) (id string, err error) {
	err = attachment.Storing(ctx, d.store, n.Files, func(files []attachment.Stored) (err error) {
		id, err = d.addEquipment(ctx, v, n, files)
		return err
	})
	if errors.Is(err, errSentTwice) {
		err = nil
	}
	return id, err
}

func (d *Service) addEquipment(ctx context.Context, v Viewer, n NewEquipment, files []attachment.Stored) (id string, err error) {
	err = d.transact(ctx, v, Viewer.MayAddEquipment, func(tx postgres.Tx, now Viewer) error {
		places, err := placeIn(ctx, tx, now, n.Site)
		if err != nil {
			return err
		}
		p := problem.Set{}.Join(n.Problems)
		now.checkSite(p, n.Site, places)
		if err := p.Join(n.Check()).Err(); err != nil {
			return err
		}
		ref, created, err := equipment.Create(ctx, tx, now.Actor(), equipment.New{
			Customer: now.Customer, Contact: now.Contact, Details: equipment.Details{Description: n.Description}, Nonce: now.nonce(n.Nonce),
		})
		if err != nil {
			return err
		}
		id = ref.Public
		if !created {
			return errSentTwice
		}
		if err := d.keep(ctx, tx, now, attachment.On{Equipment: ref.ID}, files); err != nil {
			return err
		}
		if err := d.request(ctx, tx, now, keeper.Equipment, ref.ID); err != nil {
			return err
		}
		return d.notify.EquipmentAdded(ctx, tx, ref.ID)
	})
	return id, err
}

// EditEquipment changes what an item is, as long as it is in use. An item
// changed by somebody else since version is apperr.Stale.
func (d *Service) EditEquipment(ctx context.Context, v Viewer, id string, version int64, to equipment.Description) error {
	return d.transact(ctx, v, Viewer.MayEditEquipment, func(tx postgres.Tx, now Viewer) error {
		var (
			e      Item
			places []Place
		)
		err := readIn(ctx, tx, now, func(b *postgres.Batch) {
			queryItem(b, &e, id)
			queryPlace(b, &places, to.Site)
		})
		if err != nil {
			return err
		}
		p := problem.Set{}
		if e.SiteID == nil || *e.SiteID != to.Site {
			now.checkSite(p, to.Site, places)
		}
		if err := p.Join(to.Check()).Err(); err != nil {
			return err
		}
		return d.change(ctx, tx, now, keeper.Equipment, keeper.Edit, e.ID, func(tx postgres.Tx) (int64, error) {
			return e.ID, equipment.EditByContact(ctx, tx, now.Actor(), now.Customer, id, version, to)
		})
	})
}

// AskEquipmentFiles answers whether files can be added to an item, and how many.
func (d *Service) AskEquipmentFiles(ctx context.Context, v Viewer, id string) (attachment.Room, error) {
	return d.askFiles(ctx, v, Viewer.SeesEquipment, equipmentTakesFiles(id))
}

// AddEquipmentFiles adds files to an item that the viewer added or may edit.
func (d *Service) AddEquipmentFiles(ctx context.Context, v Viewer, id string, files []attachment.Incoming) error {
	return d.addFiles(ctx, v, Viewer.SeesEquipment, files, equipmentTakesFiles(id))
}

func equipmentTakesFiles(id string) takesFiles {
	return func(ctx context.Context, tx postgres.Tx, now Viewer) (attachment.On, error) {
		var e Item
		if err := readIn(ctx, tx, now, func(b *postgres.Batch) { queryItem(b, &e, id) }); err != nil {
			return attachment.On{}, err
		}
		switch {
		case e.MayAddFiles(now):
			return attachment.On{Equipment: e.ID}, nil
		case e.Status == equipment.Retired:
			return attachment.On{}, apperr.Conflictf("This equipment is retired, so no more files can be added here.")
		}
		return attachment.On{}, apperr.Forbidden{Words: "You can see this equipment, but not add files to it."}
	}
}
