package officeweb

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/fileimport"
	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// FileImports are the screens of Administration → Import files: photos and
// documents out of a zip.
type FileImports struct {
	DB     postgres.DB
	Office *office.Service
	Most   int64 // bytes of a zip
	Files  upload.LargeFiles
}

// List shows what was imported, and the form for more.
func (h FileImports) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.list(w, r, v, http.StatusOK, nil)
}

func (h FileImports) list(w http.ResponseWriter, r *http.Request, v staff.Viewer, status int, p problem.Set) error {
	q := fileimport.Orders.Read(r.URL.Query())
	view := officeview.FileImportsPage{Page: officeview.Page(v, "Import files", route.AdminFileImports), Format: v.Format, Nonce: form.NewNonce(), Most: h.Most, Problems: p}
	var found list.Page[fileimport.Row]
	if err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { fileimport.QueryList(b, &found, q) }); err != nil {
		return err
	}
	view.Listing = officeview.Listing{URL: route.AdminFileImports, Orders: fileimport.Orders, Query: q}
	view.Imports, view.Pages = found.Rows, view.Listing.Pages(found.Prev, found.Next)
	return page.Render(w, r, status, officeview.FileImports(view))
}

// Receive takes a zip and has it looked through.
func (h FileImports) Receive(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	sent, err := h.Files.Receive(w, r, "zip", h.Most)
	if errors.Is(err, upload.TooLarge) {
		return h.list(w, r, v, http.StatusUnprocessableEntity, problem.Set{"zip": officeview.TooLargeZip(h.Most)})
	}
	if err != nil {
		return err
	}
	defer func() { _ = sent.Close() }()
	if sent.Named == "" || sent.Size == 0 {
		return h.list(w, r, v, http.StatusUnprocessableEntity, problem.Set{"zip": "Choose a zip of photos and documents."})
	}
	if _, err := sent.Seek(0, io.SeekStart); err != nil {
		return err
	}
	id, err := h.Office.ReceiveFileImport(r.Context(), v, sent.Named, form.Nonce(r), sent.File, sent.Size)
	if err != nil {
		return err
	}
	return page.Redirect(w, r, route.AdminFileImport(id))
}

// Show is the page of an import: how far it is, and what became of each file.
func (h FileImports) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	q := fileimport.ItemOrders.Read(r.URL.Query())
	view := officeview.FileImportPage{Format: v.Format, Now: v.Format.Now}
	state, filters := itemState(r), map[string]string{}
	if state != "" {
		filters["state"] = string(state)
	}
	var items list.Page[fileimport.Item]
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		fileimport.QueryImport(b, &view.Import, id)
		fileimport.QueryCounts(b, &view.Counts, id)
		fileimport.QueryItems(b, &items, q, id, state)
	})
	if err != nil {
		return err
	}
	view.Page = officeview.Page(v, view.Import.Name, route.AdminFileImports)
	view.Listing = officeview.Listing{URL: route.AdminFileImport(id), Orders: fileimport.ItemOrders, Query: q, Filters: filters}
	view.Items, view.Pages = items.Rows, view.Listing.Pages(items.Prev, items.Next)
	return page.Render(w, r, http.StatusOK, officeview.FileImport(view))
}

func itemState(r *http.Request) fileimport.ItemState {
	if s := fileimport.ItemState(r.URL.Query().Get("state")); slices.Contains(officeview.FileImportStates, s) {
		return s
	}
	return ""
}

// Report sends what became of each file, as a list for a spreadsheet.
func (h FileImports) Report(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if _, err := fileimport.Find(r.Context(), h.DB, id); err != nil {
		return err
	}
	state := itemState(r)
	return export.List(w, r, "files", v.Format.Today(), fileimport.ItemOrders.Read(r.URL.Query()),
		func(q list.Query) (found list.Page[fileimport.Item], err error) {
			err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { fileimport.QueryItems(b, &found, q, id, state) })
			return found, err
		},
		[]export.Column[fileimport.Item]{
			{Head: "File", Cell: func(i fileimport.Item) string { return i.Path }},
			{Head: "Record", Cell: func(i fileimport.Item) string { return officeview.FileImportRecord(i) }},
			{Head: "Result", Cell: func(i fileimport.Item) string { return officeview.FileImportState(i.State) }},
			{Head: "Why", Cell: func(i fileimport.Item) string { return i.Reason }},
			{Head: "Bytes", Cell: func(i fileimport.Item) string { return strconv.FormatInt(i.Size, 10) }},
			{Head: "Caption", Cell: func(i fileimport.Item) string { return i.Caption }},
			{Head: "Customer View", Cell: func(i fileimport.Item) string { return map[bool]string{true: "Y", false: "N"}[i.Shown] }},
		})
}

// Start adds what fits.
func (h FileImports) Start(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, "", h.Office.StartFileImport)
}

// Undo takes back what was added.
func (h FileImports) Undo(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, v, "", h.Office.UndoFileImport)
}

func (h FileImports) change(w http.ResponseWriter, r *http.Request, v staff.Viewer, words string, deed func(context.Context, staff.Viewer, int64) error) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if err := deed(r.Context(), v, id); err != nil {
		return err
	}
	if words != "" {
		session.Flash(r.Context(), words)
	}
	return page.Redirect(w, r, route.AdminFileImport(id))
}

// Remove forgets an import of which nothing was added.
func (h FileImports) Remove(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return apperr.NotFound
	}
	return done(w, r, "Forgotten. Nothing was added.", route.AdminFileImports, h.Office.RemoveFileImport(r.Context(), v, id))
}
