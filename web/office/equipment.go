package officeweb

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/equipment"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/page"
)

// Equipment are the screens of customers' plant.
type Equipment struct{ Pool *pgxpool.Pool }

// head is the top of an item's page.
func (h Equipment) head(r *http.Request, v staff.Viewer, tab string, more ...func(*postgres.Batch, equipment.Item)) (officeview.EquipmentHead, error) {
	item, err := h.find(r)
	if err != nil {
		return officeview.EquipmentHead{}, err
	}
	err = postgres.Read(r.Context(), h.Pool, func(b *postgres.Batch) {
		for _, query := range more {
			query(b, item)
		}
	})
	if err != nil {
		return officeview.EquipmentHead{}, err
	}
	tally, err := equipment.Count(r.Context(), h.Pool, item.ID)
	return officeview.EquipmentHead{
		Page: officeview.Page(v, item.Name, route.OfficeEquipment), Item: item, Tally: tally, Tab: tab, Today: v.Format.Today(time.Now()), Format: v.Format,
	}, err
}

// Show is the page of an item.
func (h Equipment) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := h.head(r, v, "details")
	if err != nil {
		return err
	}
	q := equipment.JobOrders.Read(nil)
	q.Size = 8
	jobs, err := equipment.Jobs(r.Context(), h.Pool, q, head.Item.ID)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.EquipmentItem(officeview.EquipmentPage{EquipmentHead: head, Jobs: jobs}))
}

// Jobs is the tab Jobs of an item.
func (h Equipment) Jobs(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := h.head(r, v, "jobs")
	if err != nil {
		return err
	}
	q := equipment.JobOrders.Read(r.URL.Query())
	jobs, err := equipment.Jobs(r.Context(), h.Pool, q, head.Item.ID)
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
			Title: "Retire " + i.Name + "?", Text: "It stays in the list as Retired, with its history, and is no longer due for service. Contacts see it as Retired and can no longer change it.",
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
			Title: "Bring " + i.Name + " back into use?", Text: "It is In use again, and due for service on the day it had.",
			Action: route.OfficeEquipmentItem(i.PublicID, "restoration"), Label: "Back into use", Look: ui.Primary,
			BackURL: route.OfficeEquipmentItem(i.PublicID), BackLabel: i.Name,
		}
	})
}

func (h Equipment) find(r *http.Request) (equipment.Item, error) {
	return equipment.Find(r.Context(), h.Pool, chi.URLParam(r, "id"))
}

// Retire takes an item out of use.
func (h Equipment) Retire(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.set(w, r, v, equipment.Retired, "It is retired now.")
}

// Restore brings an item back into use.
func (h Equipment) Restore(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.set(w, r, v, equipment.InUse, "It is in use again.")
}

func (h Equipment) set(w http.ResponseWriter, r *http.Request, v staff.Viewer, to equipment.Status, words string) error {
	id := chi.URLParam(r, "id")
	return do(w, r, h.Pool, words, route.OfficeEquipmentItem(id), func(tx postgres.Tx) error {
		return equipment.SetStatus(r.Context(), tx, v.Actor(), id, to)
	})
}
