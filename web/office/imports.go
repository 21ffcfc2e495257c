package officeweb

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"

	"fieldgate/internal/apperr"
	"fieldgate/internal/importing"
	"fieldgate/internal/list"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/sheet"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/export"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Imports are the screens of Administration → Import.
type Imports struct {
	DB     postgres.DB
	Office *office.Service
	Most   int64 // how large an export of everything may be
	Files  upload.LargeFiles
}

// List shows the imports so far, and the form for a file.
func (h Imports) List(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.list(w, r, v, officeview.ImportsPage{Nonce: form.NewNonce()})
}

func (h Imports) list(w http.ResponseWriter, r *http.Request, v staff.Viewer, view officeview.ImportsPage) error {
	view.Page, view.Format, view.Most = officeview.Page(v, "Import", route.AdminImport), v.Format, h.Most
	filters := map[string]string{}
	show := importing.Show(r.URL.Query().Get("show"))
	if !slices.Contains(importing.Shows, show) {
		show = importing.ShowAll
	}
	filters["show"] = string(show)
	view.Listing = officeview.Listing{URL: route.AdminImport, Orders: importing.Orders, Query: importing.Orders.Read(r.URL.Query()), Filters: filters}
	var found list.Page[importing.Listed]
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		importing.QueryList(b, &found, &view.Counts, view.Listing.Query, show)
	})
	if err != nil {
		return err
	}
	view.Imports, view.Pages = found.Rows, view.Listing.Pages(found.Prev, found.Next)
	status := http.StatusOK
	if len(view.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return page.Render(w, r, status, officeview.Imports(view))
}

// Begin takes a file.
func (h Imports) Begin(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	t, err := h.readTable(w, r)
	defer t.close()
	view := officeview.ImportsPage{Nonce: form.Nonce(r), Source: strings.ToLower(form.Text(r, "source"))}
	var id int64
	if err == nil {
		f := office.ImportFile{Name: t.name, Size: t.size, Nonce: view.Nonce, Source: view.Source}
		if t.File != nil {
			f.Content = t.File
		}
		id, err = h.Office.BeginImport(r.Context(), v, f)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		view.Problems = problems
		return h.list(w, r, v, view)
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, officeview.ImportURL(id))
}

func (h Imports) find(r *http.Request) (importing.Import, error) {
	id, err := pathID(r, "import")
	if err != nil {
		return importing.Import{}, err
	}
	return importing.Find(r.Context(), h.DB, id)
}

// Show is where an import stands: what was recognised, what would become of it,
// or what did.
func (h Imports) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "import")
	if err != nil {
		return err
	}
	return h.show(w, r, v, id, nil)
}

func (h Imports) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, id int64, problems problem.Set) error {
	view := officeview.ImportPage{Format: v.Format, Problems: problems, Keepers: v.Keepers}
	values := r.URL.Query()
	filters := map[string]string{}
	for _, name := range []string{"show", "kind"} {
		if values.Get(name) != "" {
			filters[name] = values.Get(name)
		}
	}
	view.Listing = officeview.Listing{URL: officeview.ImportURL(id), Orders: importing.ItemOrders, Query: importing.ItemOrders.Read(values), Filters: filters}
	view.Shown = cmp.Or(filters["show"], "refused")
	var found list.Page[importing.Item]
	items := func(b *postgres.Batch) {
		importing.QueryItems(b, &found, view.Listing.Query, importing.ItemFilter{Import: id, State: strings.TrimPrefix(view.Shown, "all"), Kind: importing.Kind(filters["kind"])})
	}
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		importing.QueryByID(b, &view.Import, id)
		importing.QueryCounts(b, &view.Counts, id)
		importing.QueryReasons(b, &view.Reasons, id)
		items(b)
	})
	if err != nil {
		return err
	}
	if first := view.First(); filters["show"] == "" && view.Shown != first {
		view.Shown = first
		if err := postgres.Read(r.Context(), h.DB, items); err != nil {
			return err
		}
	}
	view.Page = officeview.Page(v, view.Import.Name, route.AdminImport)
	view.Items, view.Pages = found.Rows, view.Listing.Pages(found.Prev, found.Next)
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return page.Render(w, r, status, officeview.Import(view))
}

// Columns is the form that says what each column is.
func (h Imports) Columns(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	i, err := h.find(r)
	if err != nil {
		return err
	}
	return h.columns(w, r, v, officeview.ImportColumns{Import: i})
}

func (h Imports) columns(w http.ResponseWriter, r *http.Request, v staff.Viewer, view officeview.ImportColumns) error {
	if !slices.Contains([]importing.State{importing.Read, importing.Checked}, view.Import.State) {
		return page.Redirect(w, r, officeview.ImportURL(view.Import.ID))
	}
	var err error
	if view.Choices, err = importing.ReadChoices(r.Context(), h.DB); err != nil {
		return err
	}
	view.Page, view.Usual = officeview.Page(v, "Columns", route.AdminImport), importing.UsualOf(v.Format.Locale)
	status := http.StatusOK
	if len(view.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return page.Render(w, r, status, officeview.EditImportColumns(view))
}

// readMapping is the mapping as it was chosen.
func readMapping(r *http.Request, i importing.Import) importing.Mapping {
	m := importing.Mapping{Twins: i.Mapping.Twins, JobType: form.Text(r, "job_type"), Values: map[importing.Target]map[string]string{}}
	for n, t := range i.Tables {
		before := i.Mapping.Sheets[n]
		at := strconv.Itoa(n)
		s := importing.SheetMapping{Name: t.Name, Heads: before.Heads, Kind: importing.Kind(form.Text(r, "kind-"+at)), Skip: !form.Check(r, "use-"+at)}
		if !slices.Contains(importing.Kinds, s.Kind) {
			s.Kind = ""
		}
		if before.Own { // of which nobody chooses anything else
			skip := s.Skip
			s, s.Skip = before, skip
			m.Sheets = append(m.Sheets, s)
			continue
		}
		for c := range t.Heads {
			field := at + "-" + strconv.Itoa(c)
			target := importing.Target(form.Text(r, "column-"+field))
			if _, known := importing.FieldFor(target); !known {
				target = ""
			}
			s.Columns = append(s.Columns, target)
			if o := sheet.Order(form.Text(r, "order-"+field)); o == sheet.DayFirst || o == sheet.MonthFirst {
				s.Read(c, o, "")
			}
			if p := sheet.Point(form.Text(r, "point-"+field)); p == sheet.Dot || p == sheet.Comma {
				s.Read(c, "", p)
			}
		}
		if s.Kind != before.Kind && s.Kind != "" { // its columns are others then
			s.Columns = importing.ColumnsFor(s.Kind, s.Heads)
		}
		m.Sheets = append(m.Sheets, s)
	}
	for n := range 2000 {
		at := strconv.Itoa(n)
		target := importing.Target(form.Text(r, "value-field-"+at))
		if target == "" {
			break
		}
		if chosen := form.Text(r, "value-"+at); chosen != "" {
			if m.Values[target] == nil {
				m.Values[target] = map[string]string{}
			}
			m.Values[target][r.PostFormValue("value-word-"+at)] = chosen
		}
	}
	return m
}

// Map saves what each column is, and checks.
func (h Imports) Map(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	i, err := h.find(r)
	if err != nil {
		return err
	}
	if len(i.Mapping.Sheets) != len(i.Tables) {
		return apperr.Stale
	}
	m := readMapping(r, i)
	kinds := false
	for n := range m.Sheets {
		kinds = kinds || m.Sheets[n].Kind != i.Mapping.Sheets[n].Kind
	}
	view := officeview.ImportColumns{Import: i, Remember: form.Text(r, "remember")}
	view.Import.Mapping, view.Import.Source = m, strings.ToLower(form.Text(r, "source"))
	view.Import.Version = form.Version(r)
	if kinds { // to be looked at before it is used
		view.Problems = m.Check(i.Tables)
		return h.columns(w, r, v, view)
	}
	if view.Problems = m.Check(i.Tables); len(view.Problems) > 0 {
		return h.columns(w, r, v, view)
	}
	err = h.Office.MapImport(r.Context(), v, i.ID, form.Version(r), office.ImportMapping{Mapping: m, Source: view.Import.Source, Overwrite: i.Overwrite, Remember: view.Remember})
	if err == nil {
		err = h.Office.CheckImport(r.Context(), i.ID, 0)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		view.Problems = problems
		return h.columns(w, r, v, view)
	}
	return h.next(w, r, i.ID, err)
}

// next leads back to the import, wherever it stands by now.
func (h Imports) next(w http.ResponseWriter, r *http.Request, id int64, err error) error {
	if errors.Is(err, apperr.Stale) {
		session.Flash(r.Context(), "Somebody else has changed this import meanwhile. This is how it stands now.")
		err = nil
	}
	if err != nil {
		return err
	}
	return page.Redirect(w, r, officeview.ImportURL(id))
}

// AnswerTwins says what becomes of contacts with one address, and checks again.
func (h Imports) AnswerTwins(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	i, err := h.find(r)
	if err != nil {
		return err
	}
	answer := importing.Twins(form.Text(r, "twins"))
	if answer != importing.Merge && answer != importing.Apart {
		return h.show(w, r, v, i.ID, problem.Set{"twins": "Choose one of the two."})
	}
	i.Mapping.Twins = answer
	err = h.Office.MapImport(r.Context(), v, i.ID, form.Version(r), office.ImportMapping{Mapping: i.Mapping, Source: i.Source, Overwrite: i.Overwrite})
	if err == nil {
		err = h.Office.CheckImport(r.Context(), i.ID, 0)
	}
	return h.next(w, r, i.ID, err)
}

// Check finds out what would become of each row.
func (h Imports) Check(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "import")
	if err != nil {
		return err
	}
	err = h.Office.CheckImport(r.Context(), id, form.Version(r))
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return h.show(w, r, v, id, problems)
	}
	return h.next(w, r, id, err)
}

// Run imports what was not refused.
func (h Imports) Run(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "import")
	if err != nil {
		return err
	}
	return h.next(w, r, id, h.Office.RunImport(r.Context(), v, id, form.Version(r), form.Text(r, "edited") == "overwrite"))
}

// Undo takes back what was imported.
func (h Imports) Undo(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, "import")
	if err != nil {
		return err
	}
	return h.next(w, r, id, h.Office.UndoImport(r.Context(), v, id, form.Version(r)))
}

// Refused sends the rows from which something was refused, each with what is
// wrong, to be put right and sent again alone. The file is of the same kind.
func (h Imports) Refused(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	i, err := h.find(r)
	if err != nil {
		return err
	}
	all, err := importing.RefusedLines(r.Context(), h.DB, i.ID)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return apperr.NotFound
	}
	if err := h.Office.RecordExport(r.Context(), v, "refused rows of "+i.Name); err != nil {
		return err
	}
	if i.Kind != "csv" {
		return h.refusedWorkbook(w, r, i, importing.UsualOf(v.Format.Locale), all)
	}
	usual := importing.UsualOf(v.Format.Locale)
	return export.CSV(w, r, refusedName(i), v.Format.Today(), refusedHeads(i.Mapping.Sheets[0]), func(yield func([]string, error) bool) {
		err := h.eachRefused(r.Context(), i, usual, 0, all, func(cells []sheet.Cell) bool {
			texts := make([]string, len(cells))
			for n, c := range cells {
				texts[n] = c.Text
			}
			return yield(texts, nil)
		})
		if err != nil {
			yield(nil, err)
		}
	})
}

// refusedName is what a file of refused rows is called: after the file that they
// are from, whose name may say what its rows are.
func refusedName(i importing.Import) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '_' {
			return r
		}
		return '-'
	}, strings.TrimSuffix(i.Name, path.Ext(i.Name)))
	return strings.Trim(name, "-") + "-refused"
}

// refusedHeads are the heads of a file of refused rows, which may have come from
// such a file.
func refusedHeads(s importing.SheetMapping) []string {
	heads := slices.DeleteFunc(slices.Clone(s.Heads), func(h string) bool { return h == importing.ProblemHead })
	return append(heads, importing.ProblemHead)
}

// eachRefused goes through the refused rows of a table, each with its problems.
func (h Imports) eachRefused(ctx context.Context, i importing.Import, usual importing.Usual, table int, all []importing.Item, do func([]sheet.Cell) bool) error {
	say := map[int][]string{}
	var lines []int
	for _, it := range all {
		if it.Sheet != table {
			continue
		}
		if say[it.Line] == nil {
			lines = append(lines, it.Line)
		}
		say[it.Line] = append(say[it.Line], officeview.ImportProblems(i, it)...)
	}
	for chunk := range slices.Chunk(lines, 1000) {
		rows, err := importing.RowsAt(ctx, h.DB, i.ID, table, chunk)
		if err != nil {
			return err
		}
		for _, row := range rows {
			var cells []sheet.Cell
			for n, c := range i.Mapping.Sheets[table].Plain(i.Tables[table], usual, row) {
				if n < len(i.Tables[table].Heads) && i.Tables[table].Heads[n].Name != importing.ProblemHead {
					cells = append(cells, c)
				}
			}
			if !do(append(cells, sheet.Cell{Kind: sheet.Text, Text: strings.Join(slices.Compact(say[row.Line]), " ")})) {
				return nil
			}
		}
	}
	return nil
}

func (h Imports) refusedWorkbook(w http.ResponseWriter, r *http.Request, i importing.Import, usual importing.Usual, all []importing.Item) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	first := true
	for n, s := range i.Mapping.Sheets {
		if !slices.ContainsFunc(all, func(it importing.Item) bool { return it.Sheet == n }) {
			continue
		}
		if first {
			if err := f.SetSheetName("Sheet1", s.Name); err != nil {
				return err
			}
		} else if _, err := f.NewSheet(s.Name); err != nil {
			return err
		}
		first = false
		out, err := f.NewStreamWriter(s.Name)
		if err != nil {
			return err
		}
		line := 0
		put := func(cells []any) error {
			line++
			at, err := excelize.CoordinatesToCellName(1, line)
			if err != nil {
				return err
			}
			return out.SetRow(at, cells)
		}
		var heads []any
		for _, head := range refusedHeads(s) {
			heads = append(heads, head)
		}
		if err := put(heads); err != nil {
			return err
		}
		var failed error
		err = h.eachRefused(r.Context(), i, usual, n, all, func(cells []sheet.Cell) bool {
			values := make([]any, len(cells))
			for c, cell := range cells {
				values[c] = cell.Text
				if n, err := strconv.ParseFloat(cell.Text, 64); err == nil && cell.Kind == sheet.Number {
					values[c] = n
				}
			}
			failed = put(values)
			return failed == nil
		})
		if err = errors.Join(err, failed, out.Flush()); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="`+refusedName(i)+`.xlsx"`)
	w.Header().Set("Cache-Control", "no-store")
	return f.Write(w)
}
