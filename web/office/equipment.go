package officeweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/equipment"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/page"
)

// Equipment are the screens of customers' equipment.
type Equipment struct {
	DB     postgres.DB
	Office *office.Service
}

// head is the top of an item's page, read together with what more asks for.
func (h Equipment) head(r *http.Request, v staff.Viewer, tab string, more ...func(*postgres.Batch, equipment.Item)) (officeview.EquipmentHead, error) {
	item, err := h.find(r)
	if err != nil {
		return officeview.EquipmentHead{}, err
	}
	head := officeview.EquipmentHead{
		Page: officeview.Page(v, item.Name, route.OfficeEquipment), Item: item, Tab: tab, Today: v.Format.Today(), Format: v.Format,
	}
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		equipment.QueryTally(b, &head.Tally, item.ID)
		queryOrigin(b, v, &head.Origin, keeper.Equipment, item.ID)
		for _, query := range more {
			query(b, item)
		}
	})
	return head, err
}

// Show is the page of an item.
func (h Equipment) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q := equipment.JobOrders.Read(nil)
	q.Size = 8
	var jobs list.Page[equipment.Job]
	head, err := h.head(r, v, "details", func(b *postgres.Batch, i equipment.Item) { equipment.QueryJobs(b, &jobs, q, i.ID) })
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.EquipmentItem(officeview.EquipmentPage{EquipmentHead: head, Jobs: jobs}))
}

// Jobs is the tab Jobs of an item.
func (h Equipment) Jobs(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	q := equipment.JobOrders.Read(r.URL.Query())
	var jobs list.Page[equipment.Job]
	head, err := h.head(r, v, "jobs", func(b *postgres.Batch, i equipment.Item) { equipment.QueryJobs(b, &jobs, q, i.ID) })
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.JobsOnEquipment(officeview.EquipmentJobs{
		EquipmentHead: head, Jobs: jobs,
		Listing: officeview.Listing{URL: route.OfficeEquipmentItem(head.Item.PublicID, "jobs"), Orders: equipment.JobOrders, Query: q},
	}))
}

// AskRetirement asks before an item is retired.
func (h Equipment) AskRetirement(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeEquipment, h.find, func(i equipment.Item) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Retire " + i.Name + "?", Text: "It stays on the list as Retired, with its history, and is no longer due for service. Contacts can still see it, but not change it.",
			Points: []string{"You can bring it back into use at any time."},
			Action: route.OfficeEquipmentItem(i.PublicID, "retirement"), Label: "Retire", Look: ui.Danger,
			BackURL: route.OfficeEquipmentItem(i.PublicID), BackLabel: i.Name,
		}
	})
}

// AskRestoration asks before an item is brought back into use.
func (h Equipment) AskRestoration(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return ask(w, r, v, route.OfficeEquipment, h.find, func(i equipment.Item) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Bring " + i.Name + " back into use?", Text: "It is In use again, with the service date it had.",
			Action: route.OfficeEquipmentItem(i.PublicID, "restoration"), Label: "Back into use", Look: ui.Primary,
			BackURL: route.OfficeEquipmentItem(i.PublicID), BackLabel: i.Name,
		}
	})
}

func (h Equipment) find(r *http.Request) (equipment.Item, error) {
	return equipment.FindByPublicID(r.Context(), h.DB, chi.URLParam(r, "id"))
}

// Retire takes an item out of use.
func (h Equipment) Retire(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id := chi.URLParam(r, "id")
	return done(w, r, "It is retired now.", route.OfficeEquipmentItem(id), h.Office.RetireEquipment(r.Context(), v, id))
}

// Restore brings an item back into use.
func (h Equipment) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id := chi.URLParam(r, "id")
	return done(w, r, "It is in use again.", route.OfficeEquipmentItem(id), h.Office.RestoreEquipment(r.Context(), v, id))
}
