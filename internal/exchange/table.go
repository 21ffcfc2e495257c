package exchange

import (
	"context"
	"sync"

	"fieldgate/internal/postgres"
)

// Table is a table of an export of everything, as it is written and read again.
type Table struct {
	Name string // Quote Lines
	Kind Kind   // of what its rows are: a kind, a history or a setting; or lines of one
	// Of is whose lines the rows are, "" for what stands for itself. First are the
	// heads in front of the fields, which say to which the line belongs, and the
	// last of them where in it.
	Of    Kind
	First []string
	// IDs says that each row has an id, and further ones where other systems know
	// the thing.
	IDs    bool
	Fields []Field
}

// The kinds of lines.
const (
	QuoteLines    Kind = "quote-lines"
	VersionLines  Kind = "quote-version-lines"
	TemplateLines Kind = "quote-template-lines"
)

// IDHead is the head of ids, and SourceHead with the name of a source that of its
// ids.
const (
	IDHead     = "ID"
	SourceHead = "ID at "
)

// Tables are all of them, each behind what its rows refer to.
var Tables = sync.OnceValue(func() (all []Table) {
	lines := map[Kind]Table{
		Kind(Templates): {Name: "Quote Template Lines", Kind: TemplateLines, First: []string{"Template", "Position"}},
		Quotes:          {Name: "Quote Lines", Kind: QuoteLines, First: []string{"Quote", "Position"}},
		Kind(Versions):  {Name: "Quote Version Lines", Kind: VersionLines, First: []string{"Quote", "Version", "Position"}},
	}
	add := func(t Table) {
		all = append(all, t)
		if l, ok := lines[t.Kind]; ok {
			l.Of, l.Fields = t.Kind, LineFields()
			all = append(all, l)
		}
	}
	past := func(h History, ids bool) { add(Table{Name: h.Label(), Kind: Kind(h), IDs: ids, Fields: h.Fields()}) }
	for _, h := range Settings {
		past(h, false)
	}
	for _, k := range Kinds {
		add(Table{Name: k.Label(), Kind: k, IDs: true, Fields: Fields(k)})
	}
	for _, h := range Histories {
		past(h, h == Messages || h == Files)
	}
	return all
})

// LinesOf is what a record of such a kind has as lines.
func LinesOf(r Record) []QuoteLine {
	switch r := r.(type) {
	case *Quote:
		return r.Lines
	case *Version:
		return r.Lines
	case *Template:
		return r.Lines
	}
	return nil
}

// Each goes through the records that a table has a row of, or lines of, in the
// order of the table.
func (t Table) Each(ctx context.Context, tx postgres.Tx, take func(Record) error) error {
	of := t.Kind
	if t.Of != "" {
		of = t.Of
	}
	if IsHistory(of) {
		return EachOf(ctx, tx, History(of), take)
	}
	return Each(ctx, tx, of, take)
}

// IsHistory reports whether a kind is one of History.
func IsHistory(k Kind) bool {
	_, is := pasts[History(k)]
	return is
}
