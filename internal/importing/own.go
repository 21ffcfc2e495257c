package importing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fieldgate/internal/company"
	"fieldgate/internal/exchange"
	"fieldgate/internal/problem"
	"fieldgate/internal/sheet"
)

// Tables of an export of everything are not mapped: their columns are the fields
// of exchange under the labels that those have, and every table that an export has
// is imported.

// Order are the kinds of what is imported, each behind what it refers to:
// settings, things, and what happened to them.
var Order = func() (all []Kind) {
	for _, h := range exchange.Settings {
		all = append(all, Kind(h))
	}
	all = append(all, exchange.Kinds...)
	for _, h := range exchange.Histories {
		all = append(all, Kind(h))
	}
	return all
}()

// ownTable is the table of an export of everything that has these heads. A name
// is enough inside of an export, where another version may have had others.
func ownTable(name string, heads []string, inExport bool) (t exchange.Table, ok bool) {
	for _, own := range exchange.Tables() {
		named := strings.Contains(compact(name), compact(own.Name))
		if inExport && compact(name) == compact(own.Name) {
			return own, true
		}
		if !hasAll(heads, ownHeads(own)) || !named && slices.Contains(exchange.Settings, exchange.History(own.Kind)) {
			continue
		}
		if !ok || len(ownHeads(own)) > len(ownHeads(t)) { // those of versions have all that quotes' lines have
			t, ok = own, true
		}
	}
	return t, ok
}

func hasAll(heads, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(h string) bool { return !slices.Contains(heads, h) })
}

// ownHeads are the heads that a table has for certain.
func ownHeads(t exchange.Table) (heads []string) {
	if t.IDs {
		heads = append(heads, exchange.IDHead)
	}
	heads = append(heads, t.First...)
	for _, f := range t.Fields {
		heads = append(heads, f.Label)
	}
	return heads
}

// RecogniseOwn is Recognise for a table of an export of everything.
func RecogniseOwn(name string, heads []string, inExport bool) (r Recognised, ok bool) {
	t, ok := ownTable(name, heads, inExport)
	if !ok {
		return r, false
	}
	r = Recognised{Source: Own, Table: strings.ToLower(t.Name), Kind: t.Kind, Own: true, Columns: make([]Target, len(heads))}
	for i, h := range heads {
		switch {
		case h == exchange.IDHead && t.IDs, strings.HasPrefix(h, exchange.SourceHead) && t.IDs, slices.Contains(t.First, h):
			r.Columns[i] = Target(string(t.Kind) + ".id")
		default:
			if f := slices.IndexFunc(t.Fields, func(f exchange.Field) bool { return f.Label == h }); f >= 0 {
				r.Columns[i] = Target(string(t.Kind) + "." + t.Fields[f].Name)
			}
		}
	}
	return r, true
}

// own is a table of an export while it is read.
type own struct {
	exchange.Table
	fields map[int]exchange.Field // of columns
	id     int                    // the column of ids, -1 for none
	also   map[int]string         // the columns of ids at other systems
	first  []int                  // the columns that say to what a row belongs
	// groups are the rows that belong together: lines by what they are lines of,
	// versions by their quote, statuses by their job.
	groups map[string][]int
}

// together is the field by which rows of a history come in at once.
var together = map[Kind]string{Kind(exchange.Versions): "quote", Kind(exchange.Statuses): "job"}

func newOwn(t Table, s SheetMapping) *own {
	i := slices.IndexFunc(exchange.Tables(), func(o exchange.Table) bool { return o.Kind == s.Kind })
	if i < 0 {
		return nil
	}
	o := &own{Table: exchange.Tables()[i], fields: map[int]exchange.Field{}, id: -1, also: map[int]string{}, groups: map[string][]int{}}
	for c, h := range t.Heads {
		if source, ok := strings.CutPrefix(h.Name, exchange.SourceHead); ok && o.IDs {
			o.also[c] = source
			continue
		}
		if h.Name == exchange.IDHead && o.IDs {
			o.id = c
			continue
		}
		if f := slices.IndexFunc(o.Fields, func(f exchange.Field) bool { return f.Label == h.Name }); f >= 0 && !o.Fields[f].Out {
			o.fields[c] = o.Fields[f]
		}
	}
	belongs := o.First[:max(0, len(o.First)-1)]
	if label := together[o.Kind]; label != "" {
		belongs = []string{o.Fields[slices.IndexFunc(o.Fields, func(f exchange.Field) bool { return f.Name == label })].Label}
	}
	for _, head := range belongs {
		o.first = append(o.first, slices.IndexFunc(t.Heads, func(h sheet.Head) bool { return h.Name == head }))
	}
	return o
}

// group is what a row belongs to.
func (o *own) group(row sheet.Row) string {
	var parts []string
	for _, c := range o.first {
		parts = append(parts, cellAt(row, c))
	}
	return strings.Join(parts, "\n")
}

func cellAt(row sheet.Row, c int) string {
	if c < 0 || c >= len(row.Cells) {
		return ""
	}
	return row.Cells[c].Text
}

// look notes which rows belong together.
func (o *own) look(row sheet.Row) {
	if len(o.first) > 0 {
		key := o.group(row)
		o.groups[key] = append(o.groups[key], row.Line)
	}
}

// Fetch reads rows of a table once more, by their lines.
type Fetch func(table int, lines []int) ([]sheet.Row, error)

// Own are the things that a row of a table of an export makes: one, or none where
// the row before it has made it.
func (r *Reader) Own(table int, row sheet.Row, fetch Fetch) ([]Thing, error) {
	o := r.owns[table]
	if o == nil || o.Of != "" {
		return nil, nil
	}
	t := Thing{Kind: o.Kind, Sheet: table, Line: row.Line, Columns: map[string]int{}, Problems: problem.Set{}, External: strings.TrimSpace(cellAt(row, o.id))}
	if !exchange.IsHistory(o.Kind) {
		body, err := r.ownBody(o, row, &t, fetch)
		if err != nil {
			return nil, err
		}
		if o.Kind == Contacts && body["permissions"] == nil {
			body["permissions"] = []string{} // none is what it says
		}
		t.Body = body
		return []Thing{t}, nil
	}
	rows := []sheet.Row{row}
	if together[o.Kind] != "" {
		lines := o.groups[o.group(row)]
		if len(lines) == 0 || lines[0] != row.Line {
			return nil, nil
		}
		if len(lines) > 1 {
			var err error
			if rows, err = fetch(table, lines); err != nil {
				return nil, err
			}
		}
	}
	var records []map[string]any
	for _, row := range rows {
		body, err := r.ownBody(o, row, &t, fetch)
		if err != nil {
			return nil, err
		}
		records = append(records, body)
	}
	t.Body = map[string]any{"records": records, alsoName: records[0][alsoName]}
	return []Thing{t}, nil
}

// alsoName is where in a body the ids at other systems are.
const alsoName = "external_ids"

// ownBody is what a row says of a record. Empty cells say nothing.
func (r *Reader) ownBody(o *own, row sheet.Row, t *Thing, fetch Fetch) (map[string]any, error) {
	body := map[string]any{}
	for c, f := range o.fields {
		t.Columns[f.Name] = c
		if v, ok := r.ownValue(f, row, c, t.Problems); ok {
			set(body, f.Name, v)
		}
	}
	var also []exchange.ExternalID
	for c, source := range o.also {
		for id := range strings.SplitSeq(cellAt(row, c), ";") {
			if id = strings.TrimSpace(id); id != "" {
				also = append(also, exchange.ExternalID{Source: source, ID: id})
			}
		}
	}
	if len(also) > 0 {
		body[alsoName] = also
	}
	of := ""
	switch o.Kind {
	case Quotes:
		of = text(body["number"])
	case Kind(exchange.Versions):
		of = text(body["quote"]) + "\n" + fmt.Sprint(body["number"])
	case Kind(exchange.Templates):
		of = text(body["name"])
	}
	for table, l := range r.owns {
		if l == nil || l.Of != o.Kind {
			continue
		}
		lines, err := r.ownLines(table, l, of, t, fetch)
		if err != nil {
			return nil, err
		}
		body["lines"] = lines
	}
	return body, nil
}

// ownLines are the lines of something.
func (r *Reader) ownLines(table int, l *own, of string, t *Thing, fetch Fetch) (lines []exchange.QuoteLine, err error) {
	lines = []exchange.QuoteLine{}
	if len(l.groups[of]) == 0 {
		return lines, nil
	}
	rows, err := fetch(table, l.groups[of])
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		record := exchange.LineRecord(exchange.QuoteLine{})
		wrong := problem.Set{}
		for c, f := range l.fields {
			if v, ok := r.ownValue(f, row, c, wrong); ok {
				f.Set(record, v)
			}
		}
		if say := wrong.Error(); len(wrong) > 0 {
			t.Problems.Add("lines", fmt.Sprintf("Line %d of “%s”: %s", row.Line, r.tables[table].Name, say))
		}
		lines = append(lines, exchange.LineOf(record))
	}
	return lines, nil
}

// ownValue is what a cell says; ok is false when nothing.
func (r *Reader) ownValue(f exchange.Field, row sheet.Row, c int, p problem.Set) (v any, ok bool) {
	if c < len(row.Cells) && row.Cells[c].Kind == sheet.Error {
		p.Add(f.Name, "The spreadsheet has an error in this cell.")
		return nil, false
	}
	v, wrong := f.Parse(r.ownFormat, cellAt(row, c))
	if wrong != "" {
		p.Add(f.Name, wrong)
		return nil, false
	}
	return v, v != nil
}

// ownFormat is how an export writes: numbers with a point, times of the zone that
// it was made in.
func ownFormat(f company.Format, zone string) company.Format {
	if zone == "" {
		zone = f.Zone().String()
	}
	return company.NewFormat(f.Now, zone, "en-AU", f.Currency)
}

// OwnTables reports whether some tables are those of an export of everything.
func (m Mapping) OwnTables() bool {
	return slices.ContainsFunc(m.Sheets, func(s SheetMapping) bool { return s.Own })
}

// History reports whether an item is what happened to a thing, or a setting.
func (it Item) History() bool { return exchange.IsHistory(it.Kind) }

// Past is such an item as exchange takes it.
func (it Item) Past() (p exchange.Past, err error) {
	var body struct {
		Records []json.RawMessage     `json:"records"`
		Also    []exchange.ExternalID `json:"external_ids"`
	}
	if err := json.Unmarshal(it.Body, &body); err != nil {
		return p, fmt.Errorf("read line %d: %w", it.Line, err)
	}
	p = exchange.Past{History: exchange.History(it.Kind), External: it.External, Also: body.Also}
	for _, raw := range body.Records {
		r := p.History.Blank()
		if err := json.Unmarshal(raw, r); err != nil {
			return p, fmt.Errorf("read line %d: %w", it.Line, err)
		}
		p.All = append(p.All, r)
	}
	return p, nil
}

// Also are the ids of a thing at other systems, where it comes from.
func (it Item) Also() []exchange.ExternalID {
	var body struct {
		Also []exchange.ExternalID `json:"external_ids"`
	}
	_ = json.Unmarshal(it.Body, &body) // of another program's file: none
	return body.Also
}
