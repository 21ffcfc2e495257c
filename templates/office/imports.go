package officeview

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fieldgate/internal/company"
	"fieldgate/internal/exchange"
	"fieldgate/internal/importing"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/problem"
	"fieldgate/internal/sheet"
	"fieldgate/templates/layout"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
)

// ImportsPage is Administration → Import: a form for a file, and those so far.
type ImportsPage struct {
	Page     layout.OfficePage
	Format   company.Format
	Listing  Listing
	Imports  []importing.Listed
	Counts   map[importing.Show]int
	Pages    ui.Pages
	Source   string
	Nonce    string
	Most     int64 // how large an export of everything may be
	Problems problem.Set
}

var importShows = map[importing.Show]string{
	importing.ShowAll: "All", importing.ShowUnfinished: "To finish", importing.ShowDone: "Imported", importing.ShowUndone: "Undone", importing.ShowUnreadable: "Not readable",
}

func (v ImportsPage) search() ui.Search {
	return ui.Search{Value: v.Listing.Query.Search, Label: "Search imports", Placeholder: "Search a file, person or system", Action: v.Listing.URL, Keep: v.Listing.Kept(), Also: "which"}
}

func importedFrom(i importing.Listed) string {
	if i.Source == "" {
		return "Sent by " + i.ByName
	}
	return "From " + i.Source + ", sent by " + i.ByName
}

func (v ImportsPage) limits() string {
	return fmt.Sprintf("Up to 25 MB and 200,000 rows. An export of everything, as a zip, up to %d GB; a larger one is imported by the command line: fieldgate import FILE.", v.Most>>30)
}

// TooLargeExport is what is said of an export that is larger than the page takes.
func TooLargeExport(most int64) string {
	return fmt.Sprintf("This page takes exports of up to %d GB. Ask whoever runs the server to import it by the command line: fieldgate import FILE.", most>>30)
}

// ImportURL is the page of an import.
func ImportURL(id int64) string { return route.Join(route.AdminImport, strconv.FormatInt(id, 10)) }

func importPart(id int64, part string) string { return route.Join(ImportURL(id), part) }

// ImportPage is where an import stands.
type ImportPage struct {
	Page     layout.OfficePage
	Format   company.Format
	Import   importing.Import
	Counts   []importing.Counts
	Reasons  []importing.Reason
	Listing  Listing
	Items    []importing.Item
	Shown    string // which of them
	Pages    ui.Pages
	Problems problem.Set
	Keepers  keeper.Keepers
}

// kept are the kinds in the file that another system keeps, so that all of them is
// refused.
func (v ImportPage) kept() []keeper.Kind {
	if v.Import.State != importing.Read && v.Import.State != importing.Checked {
		return nil
	}
	return exchange.KeptElsewhere(v.Keepers, v.Import.Source, v.Import.Mapping.Kinds())
}

// keptTitle says which kinds those are, and who keeps them.
func (v ImportPage) keptTitle(kinds []keeper.Kind) string {
	by, keeps := v.Keepers.Keeps(kinds[0]), " keeps "
	if slices.ContainsFunc(kinds, func(k keeper.Kind) bool { return v.Keepers.Keeps(k) != by }) {
		by.Label, keeps = "Other systems", " keep "
	}
	return by.Label + keeps + keeper.Said(kinds) + ", so this file changes nothing there"
}

// keptWords say what to do where the file comes from who keeps them, and where not.
func (v ImportPage) keptWords(kinds []keeper.Kind) string {
	by := v.Keepers.Keeps(kinds[0])
	if v.Import.Mapping.OwnTables() {
		return "If they are to be kept here from now on, say so under Who keeps it, and then check the rows again."
	}
	return "If this file comes from " + by.Label + ", enter " + quoted(by.Source) + " under Where it comes from, at the end of Columns. If they are to be kept here from now on, say so under Who keeps it, and then check the rows again."
}

// ImportColumns is the form that says what each column is.
type ImportColumns struct {
	Page     layout.OfficePage
	Import   importing.Import
	Choices  importing.Choices
	Usual    importing.Usual
	Remember string
	Problems problem.Set
}

// chooseOf is what can be chosen of an import before it is checked: of an export of
// everything, whose columns are known, only which tables come in.
func chooseOf(i importing.Import) string {
	if i.Mapping.OwnTables() {
		return "Tables"
	}
	return "Columns"
}

func (v ImportPage) choose() string { return chooseOf(v.Import) }

func (v ImportColumns) subtitle() string {
	if v.Import.Mapping.OwnTables() {
		return "Which tables are imported. What their columns are is known."
	}
	return "Say what each column is. Files with the same headings are read the same way from then on."
}

// undoWords say what an undo leaves.
func (v ImportPage) undoWords() string {
	words := "What somebody has changed since, or something else needs, stays and is listed afterwards."
	if v.Import.Mapping.OwnTables() {
		words += " Messages, files and answers go with the job, quote, equipment or customer that they came with. Tax rates and other settings stay."
	}
	return words
}

func (v ImportPage) sum(of func(importing.Counts) int) (n int) {
	for _, c := range v.Counts {
		n += of(c)
	}
	return n
}

func (v ImportPage) refused() int { return v.sum(func(c importing.Counts) int { return c.Refused }) }
func (v ImportPage) edited() int  { return v.sum(func(c importing.Counts) int { return c.Edited }) }
func (v ImportPage) twins() int   { return v.sum(func(c importing.Counts) int { return c.Twins }) }
func (v ImportPage) partly() int  { return v.sum(func(c importing.Counts) int { return c.Partly }) }
func (v ImportPage) good() int {
	return v.sum(func(c importing.Counts) int { return c.Added + c.Changed })
}
func (v ImportPage) left() int { return v.sum(func(c importing.Counts) int { return c.Left }) }

func (v ImportPage) total() int {
	return v.sum(func(c importing.Counts) int { return c.Added + c.Changed + c.Same + c.Refused })
}

// First is which of the records are shown unless somebody chooses: those that ask for something.
func (v ImportPage) First() string {
	switch {
	case v.undone() && v.left() > 0:
		return "left"
	case v.undone():
		return "all"
	case v.refused() > 0:
		return "refused"
	}
	return "all"
}

// tabs are which of the records are shown.
func (v ImportPage) tabs() []ui.Tab {
	added, changed := v.addedWords()
	all := []struct {
		key, label string
		n          int
	}{
		{"refused", "Refused", v.refused()},
		{"new", added, v.sum(func(c importing.Counts) int { return c.Added })},
		{"changed", changed, v.sum(func(c importing.Counts) int { return c.Changed })},
		{"same", "Nothing to change", v.sum(func(c importing.Counts) int { return c.Same })},
		{"edited", "Edited here since", v.edited()},
		{"partly", "Value left out", v.partly()},
		{"twins", "Same address", v.twins()},
		{"left", "Left", v.left()},
	}
	tabs := []ui.Tab{{Label: "All", Count: ui.Thousands(v.total()), URL: v.Listing.With("show", "all"), Current: v.Shown == "all"}}
	for _, t := range all {
		if t.n > 0 || t.key == v.Shown && v.Listing.Filters["show"] != "" {
			tabs = append(tabs, ui.Tab{Label: t.label, Count: ui.Thousands(t.n), URL: v.Listing.With("show", t.key), Current: t.key == v.Shown})
		}
	}
	return tabs
}

// sent says when the file came, and by whom.
func (v ImportPage) sent() string {
	return "Sent " + v.Format.Moment(&v.Import.CreatedAt) + " by " + v.Import.ByName
}

// steps are the way of a file into the office; none once it is undone.
func (v ImportPage) steps() []ui.Step {
	at := map[importing.State]int{importing.Reading: 0, importing.Unreadable: 0, importing.Read: 1, importing.Checking: 1, importing.Checked: 2, importing.Running: 2, importing.Done: 3}
	now, ok := at[v.Import.State]
	if !ok {
		return nil
	}
	steps := []ui.Step{{Label: "Read the file"}, {Label: "Check the rows"}, {Label: "Import"}}
	for i := range steps {
		steps[i].Done, steps[i].Current = i < now, i == now
	}
	return steps
}

// doing says what is being done.
func (v ImportPage) doing() string {
	//exhaustive:ignore
	switch v.Import.State {
	case importing.Reading:
		return "The file is being read"
	case importing.Checking:
		return "Each row is being checked. Nothing is imported yet"
	case importing.Running:
		return ui.Thousands(v.Import.Progress) + " of " + ui.Thousands(v.Import.Total) + " imported"
	case importing.Undoing:
		return "What was imported is being taken back"
	}
	return ""
}

// said is what became of what was being done, for those who hear the page.
func (v ImportPage) said() string {
	//exhaustive:ignore
	switch v.Import.State {
	case importing.Read:
		return "The file was read."
	case importing.Unreadable:
		return "The file cannot be read."
	case importing.Checked:
		return "All rows were checked. " + v.outcome()
	case importing.Done:
		return "Imported. " + v.doneWords()
	case importing.Undone:
		return "Undone. " + v.undoneWords()
	}
	return ""
}

// outcome says what would become of the file.
func (v ImportPage) outcome() string {
	switch {
	case v.good() == 0 && v.refused() == 0 && v.edited() > 0:
		return "Everything in this file is here already, but for what was edited here."
	case v.good() == 0 && v.refused() == 0:
		return "Everything in this file is here already: nothing is new, and nothing to change."
	case v.good() == 0 && v.refused() == v.total():
		return "Nothing can be imported yet: " + ui.Exactly(v.refused(), "record is", "records are") + " refused. The list below says why."
	case v.good() == 0:
		return "Nothing can be imported yet: " + ui.Exactly(v.refused(), "record is", "records are") + " refused, and the others are here already. Put the refused rows right and send them again, or choose other columns."
	case v.refused() > 0:
		return ui.Exactly(v.refused(), "record is refused and stays", "records are refused and stay") + " out. Download the refused rows, put them right and send that file later: nothing is imported twice."
	}
	return "No row was refused."
}

// undone reports that the import was taken back.
func (v ImportPage) undone() bool { return v.Import.State == importing.Undone }

// strip is what became of the records, or would.
func (v ImportPage) strip() (strip []ui.Fact) {
	for _, o := range v.outcomes() {
		strip = append(strip, ui.Fact{Label: o.label, Value: ui.Thousands(v.sum(o.of))})
	}
	return strip
}

// partlyWords say how many come in without a value that their row has.
func (v ImportPage) partlyWords() string {
	comes, come := "comes", "come"
	if v.Import.State == importing.Done {
		comes, come = "came", "came"
	}
	return ui.Exactly(v.partly(), "record "+comes, "records "+come) + " in without one of the values, such as a phone number that a spreadsheet has shortened, or the date of a job that is not booked."
}

// outcome is one of those that records can have, and how many of a kind have it.
type outcome struct {
	label string
	of    func(importing.Counts) int
}

func (v ImportPage) outcomes() []outcome {
	if v.undone() {
		return []outcome{
			{"Removed", func(c importing.Counts) int { return c.Removed }},
			{"Restored", func(c importing.Counts) int { return c.Restored }},
			{"Left", func(c importing.Counts) int { return c.Left }},
		}
	}
	added, changed := v.addedWords()
	return []outcome{
		{added, func(c importing.Counts) int { return c.Added }},
		{changed, func(c importing.Counts) int { return c.Changed }},
		{"Nothing to change", func(c importing.Counts) int { return c.Same }},
		{"Refused", func(c importing.Counts) int { return c.Refused }},
	}
}

// addedWords are what records are that were added and changed, or would be.
func (v ImportPage) addedWords() (added, changed string) {
	if v.Import.State == importing.Done || v.undone() {
		return "Added", "Changed"
	}
	return "To be added", "To be changed"
}

// importPlaces are where records of a kind are looked at in the office.
var importPlaces = map[importing.Kind]string{
	importing.Customers: route.OfficeCustomers, importing.Contacts: route.OfficeContacts, importing.Equipment: route.OfficeEquipment, importing.Quotes: route.OfficeQuotes, importing.Jobs: route.OfficeJobs,
}

// places lead to what was imported.
func (v ImportPage) places() (all []ui.Action) {
	for _, c := range v.Counts {
		if url := importPlaces[c.Kind]; url != "" && c.Added+c.Changed > 0 {
			all = append(all, ui.Action{Label: "See " + strings.ToLower(importing.Label(c.Kind)), URL: url, Small: true})
		}
	}
	return all
}

// unknown reports that nothing in the file was recognised, so that nothing is
// imported before somebody says what it is.
func (v ImportPage) unknown() bool {
	return !slices.ContainsFunc(v.Import.Mapping.Sheets, func(s importing.SheetMapping) bool { return !s.Skip || s.Kind != "" })
}

// words ask what words of the file mean of which nobody has said it: a sentence for
// each column that has such.
func (v ImportPage) words() (say []string) {
	for n, s := range v.Import.Mapping.Sheets {
		for c := range s.Columns {
			all := v.Import.Mapping.Unknown(v.Import.Tables[n], s, c)
			if len(all) == 0 {
				continue
			}
			shown := make([]string, min(len(all), mostWords))
			for i := range shown {
				shown[i] = quoted(all[i])
			}
			words := strings.Join(shown, ", ")
			if rest := len(all) - len(shown); rest > 0 {
				words += " and " + ui.Exactly(rest, "other", "others")
			}
			mean := " mean"
			if len(all) == 1 {
				mean = " means"
			}
			say = append(say, "Column “"+v.Import.Tables[n].Heads[c].Name+"”: say under Columns what "+words+mean+" here. Until then these rows are refused.")
		}
	}
	return say
}

// mostWords is how many of them are named.
const mostWords = 8

// lacks reports that a sheet cannot be imported before its columns are chosen, or
// not all of it.
func (v ImportPage) lacks() bool {
	return v.unknown() || len(v.words()) > 0 || slices.ContainsFunc(v.Import.Mapping.Sheets, func(s importing.SheetMapping) bool { return !s.Skip && len(s.Missing()) > 0 })
}

func (v ImportPage) search() ui.Search {
	return ui.Search{Value: v.Listing.Query.Search, Label: "Search records", Placeholder: "Search a name or number", Action: v.Listing.URL, Keep: v.Listing.Kept("kind"), Also: "which"}
}

// kinds are the kinds of records that the file has.
func (v ImportPage) kinds() []ui.Option {
	options := []ui.Option{{Label: "All kinds"}}
	for _, c := range v.Counts {
		options = append(options, ui.Option{Value: string(c.Kind), Label: importing.Label(c.Kind)})
	}
	return options
}

func (v ImportPage) chips() (chips []ui.Chip) {
	if k := v.Listing.Filters["kind"]; k != "" {
		chips = append(chips, v.Listing.Chip("kind", importing.Label(importing.Kind(k))))
	}
	return chips
}

// Recognised says what a table was taken for.
func Recognised(t importing.Table, s importing.SheetMapping) string {
	switch {
	case t.Source == importing.Own:
		return "Exported from here: " + t.Known
	case t.Source != "":
		return t.Source + ": " + t.Known
	case s.Kind != "":
		return importing.Label(s.Kind)
	}
	return "Not recognised"
}

// rows says what a table's rows are.
func rowsOf(s importing.SheetMapping) string {
	if s.Skip {
		return "Not imported"
	}
	var kinds []string
	for _, k := range s.Kinds() {
		kinds = append(kinds, importing.Label(k))
	}
	return strings.Join(kinds, ", ")
}

// fewReasons is how many things are refused before what is said of them is gathered.
const fewReasons = 5

// gathers reports whether a page says why things are refused before it lists them.
func (v ImportPage) gathers() bool {
	return v.refused() > fewReasons && (v.Import.State == importing.Checked || v.Import.State == importing.Done)
}

// why is a reason as a page says it, with the column.
func (v ImportPage) why(r importing.Reason) string {
	it := r.Item
	it.Problems = problem.Set{r.Field: r.Problems[r.Field]}
	return strings.Join(ImportProblems(v.Import, it), " ")
}

// reads are the words of a column that mean something here which is called otherwise.
func reads(t importing.Table, s importing.SheetMapping, m importing.Mapping) (say []string) {
	for c, target := range s.Columns {
		f, ok := importing.FieldFor(target)
		if !ok || s.Skip || s.Own || f.Name != "status" || c >= len(t.Survey.Columns) {
			continue
		}
		var words []string
		options := importing.Choices{}.Options(f)
		for _, v := range t.Survey.Columns[c].Values {
			means := m.Means(importing.Choices{}, f, v.Text)
			n := slices.IndexFunc(options, func(o exchange.Value) bool { return o.Word == means })
			if n < 0 {
				continue
			}
			if label := options[n].Label; !strings.EqualFold(label, v.Text) {
				if importing.Dateless(v.Text) && f.Kind == importing.Jobs {
					label += " (" + job.Booked.Label() + " with a date)"
				}
				is := ""
				if len(words) == 0 {
					is = " is read"
				}
				words = append(words, quoted(v.Text)+is+" as "+label)
			}
		}
		if len(words) > 0 {
			say = append(say, "Column “"+t.Heads[c].Name+"”: "+strings.Join(words, ", ")+". Choose others under Columns.")
		}
	}
	return say
}

// mostUnused is how many columns that are not imported are listed at once.
const mostUnused = 8

// unusedTitle says how many columns are not imported, where there are many.
func unusedTitle(t importing.Table, s importing.SheetMapping) string {
	if n := len(unusedHeads(t, s)); n > mostUnused {
		return ui.Exactly(n, "column is", "columns are") + " not imported"
	}
	return ""
}

// unused are the heads of columns that are not imported.
func unused(t importing.Table, s importing.SheetMapping) string {
	names := unusedHeads(t, s)
	if len(names) == 0 {
		return ""
	}
	return "Not imported: " + strings.Join(names, ", ") + "."
}

func unusedHeads(t importing.Table, s importing.SheetMapping) []string {
	if s.Skip {
		return nil
	}
	var names []string
	for i, h := range t.Heads {
		if i < len(s.Columns) && s.Columns[i] == "" && h.Name != importing.ProblemHead {
			names = append(names, h.Name)
		}
	}
	return names
}

// readings are how dates and numbers of a table are read, where that was not certain.
// What is read alike for like reasons is said once.
func readings(t importing.Table, s importing.SheetMapping, usual importing.Usual) (say []string) {
	if s.Skip || s.Own {
		return nil
	}
	var all []columnReading
	heads := map[string][]string{} // of those that are alike
	for c := range s.Columns {
		r := reading(t, s, c, usual)
		if r.say == "" {
			continue
		}
		if heads[r.alike] == nil {
			all = append(all, r)
		}
		heads[r.alike] = append(heads[r.alike], "“"+t.Heads[c].Name+"”")
	}
	for _, r := range all {
		column := "Column "
		if len(heads[r.alike]) > 1 {
			column = "Columns "
		}
		say = append(say, column+listed(heads[r.alike])+": "+r.say)
	}
	return say
}

// columnReading is how dates or numbers of a column are read.
type columnReading struct {
	say   string // "" when there is nothing to say
	alike string // the same for columns that are read alike, for the same reason
	open  bool   // it is for somebody to decide
}

func reading(t importing.Table, s importing.SheetMapping, c int, usual importing.Usual) (r columnReading) {
	f, ok := importing.FieldFor(s.Columns[c])
	if !ok || c >= len(t.Survey.Columns) {
		return r
	}
	var how sheet.Settled
	switch col := t.Survey.Columns[c]; {
	case datesIn(f):
		var o sheet.Order
		o, how, r.say = col.Order(usual.Order)
		r.alike = fmt.Sprint(o, how)
	case numbersIn(f):
		var p sheet.Point
		p, how, r.say = col.Point(usual.Point)
		r.alike = fmt.Sprint(p, how)
	}
	r.open = how == sheet.Assumed || how == sheet.Contradicted
	return r
}

func datesIn(f importing.Field) bool { return f.Sort == importing.Day || f.Sort == importing.Moment }

func numbersIn(f importing.Field) bool {
	return f.Sort == importing.Amount || f.Sort == importing.Quantity || f.Sort == importing.Percent
}

// ImportProblems are what is wrong with a thing, each with its column.
func ImportProblems(i importing.Import, it importing.Item) (say []string) {
	for _, field := range slices.Sorted(maps.Keys(it.Problems)) {
		text := it.Problems[field]
		if head := columnOf(i, it, field); head != "" {
			text = head + ": " + text
		} else if f, ok := importing.FieldFor(importing.Target(string(it.Kind) + "." + field)); ok && field != "" {
			text = f.Label + ": " + text
		}
		say = append(say, text)
	}
	return say
}

// columnOf is the head of the column that a field was read from.
func columnOf(i importing.Import, it importing.Item, field string) string {
	if it.Sheet < 0 || it.Sheet >= len(i.Tables) {
		return ""
	}
	c, ok := it.Columns[field]
	if !ok { // address_city of the form is address.city here
		c, ok = it.Columns[strings.Replace(field, "_", ".", 1)]
	}
	if !ok || c < 0 || c >= len(i.Tables[it.Sheet].Heads) {
		return ""
	}
	return "“" + i.Tables[it.Sheet].Heads[c].Name + "”"
}

// where says in which row of which sheet a record stands.
func (v ImportPage) where(it importing.Item) string {
	if it.Sheet < 0 || it.Sheet >= len(v.Import.Tables) {
		return "Named in other rows"
	}
	if len(v.Import.Tables) == 1 {
		return "Row\u00a0" + strconv.Itoa(it.Line)
	}
	return v.Import.Tables[it.Sheet].Name + ", row\u00a0" + strconv.Itoa(it.Line)
}

// became is what became of a record or would, in a word and with what there is to say of it.
func became(it importing.Item) (state, words string) {
	switch it.Undone {
	case "removed":
		return "Removed", ""
	case "restored":
		return "Restored", "As it was before."
	case "left":
		switch {
		case slices.Contains(exchange.Settings, exchange.History(it.Kind)):
			return "Left", "Settings stay."
		case it.History():
			return "Left", "What it belongs to stays."
		}
		return "Left", "Somebody has changed it since, or something else needs it."
	}
	done := it.Done != ""
	switch cmp.Or(it.Done, it.State) {
	case exchange.New:
		if done {
			return "Added", ""
		}
		return "To be added", ""
	case exchange.Changed:
		if done {
			return "Changed", "Changed: " + importFields(it.Kind, it.Fields)
		}
		return "To be changed", "Changes: " + importFields(it.Kind, it.Fields)
	case exchange.Same:
		return "Nothing to change", ""
	}
	return "Refused", ""
}

// says is what there is to say of a record beside its state.
func (v ImportPage) says(it importing.Item, words string) (all []string) {
	if words != "" {
		all = append(all, words)
	}
	all = append(all, ImportProblems(v.Import, it)...)
	rest := it.Edited
	for _, d := range it.Differs {
		all = append(all, "Edited here: "+importFields(it.Kind, []string{d.Field})+" is "+valueWords(d.Here)+" here and "+valueWords(d.There)+" in the file.")
		rest = slices.DeleteFunc(slices.Clone(rest), func(name string) bool { return name == d.Field })
	}
	if len(rest) > 0 {
		all = append(all, "Edited here: "+importFields(it.Kind, rest)+".")
	}
	return all
}

// valueWords is a value, or its beginning, in a sentence.
func valueWords(value string) string {
	if r := []rune(value); len(r) > 60 {
		value = string(r[:60]) + "…"
	}
	return quoted(value)
}

func importFields(k importing.Kind, names []string) string {
	if exchange.IsHistory(k) && len(names) == 0 {
		return "as the file says"
	}
	var labels []string
	for _, n := range names {
		if f, ok := exchange.FieldNamed(k, n); ok {
			labels = append(labels, f.Label)
		} else {
			labels = append(labels, n)
		}
	}
	return strings.Join(labels, ", ")
}

// importKinds are the kinds that rows can be.
func importKinds() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Choose"}}
	for _, k := range importing.Kinds {
		options = append(options, ui.Option{Value: string(k), Label: importing.Label(k)})
	}
	return options
}

// columnOptions are the fields that a column of a table can be.
func columnOptions(k importing.Kind) []ui.Option {
	options := []ui.Option{{Value: "", Label: "Not imported"}}
	for _, f := range importing.Offered(k) {
		options = append(options, ui.Option{Value: string(f.Target()), Label: f.Label, Group: importing.Label(f.Kind)})
	}
	return options
}

func samples(t importing.Table, c int) string {
	if c >= len(t.Survey.Columns) {
		return ""
	}
	var all []string
	for _, s := range t.Survey.Columns[c].Samples {
		if r := []rune(s); len(r) > 40 {
			s = string(r[:40]) + "…"
		}
		all = append(all, s)
	}
	return strings.Join(all, " · ")
}

// word is a word of the file to which a meaning is given.
type word struct {
	field   importing.Field
	text    string
	means   string
	options []ui.Option
}

// words are those of all columns that hold words of few, first those of which nobody
// has said what they mean.
func (v ImportColumns) words() (all []word) {
	seen := map[string]bool{}
	for n, s := range v.Import.Mapping.Sheets {
		if s.Skip || s.Own {
			continue
		}
		for c, target := range s.Columns {
			f, ok := importing.FieldFor(target)
			if !ok || (f.Sort != importing.Choice && f.Sort != importing.People) || c >= len(v.Import.Tables[n].Survey.Columns) {
				continue
			}
			values := v.Import.Tables[n].Survey.Columns[c].Values
			for _, value := range values {
				for _, w := range v.Choices.WordsOf(f, value.Text, values) {
					if key := string(target) + "\n" + w; !seen[key] {
						seen[key] = true
						all = append(all, word{f, w, v.Import.Mapping.Means(v.Choices, f, w), v.meanings(f)})
					}
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b word) int { return cmp.Compare(min(len(a.means), 1), min(len(b.means), 1)) })
	return all
}

func (v ImportColumns) meanings(f importing.Field) []ui.Option {
	options := []ui.Option{{Value: "", Label: "Choose"}}
	if f.Makes() {
		options = append(options, ui.Option{Value: importing.MakeIt, Label: "Add it"})
	}
	options = append(options, ui.Option{Value: importing.LeaveOut, Label: "Leave empty"})
	for _, o := range v.Choices.Options(f) {
		options = append(options, ui.Option{Value: o.Word, Label: o.Label})
	}
	return options
}

func (v ImportColumns) typeOptions() []ui.Option {
	options := []ui.Option{{Value: importing.UsualJobType, Label: importing.UsualJobType}}
	for _, t := range v.Choices.JobTypes {
		if t != importing.UsualJobType {
			options = append(options, ui.Option{Value: t, Label: t})
		}
	}
	return options
}

func orderOptions() []ui.Option {
	return []ui.Option{{Value: string(sheet.DayFirst), Label: "Day first: 31/12/2026"}, {Value: string(sheet.MonthFirst), Label: "Month first: 12/31/2026"}}
}

func pointOptions() []ui.Option {
	return []ui.Option{{Value: string(sheet.Dot), Label: "1,234.50"}, {Value: string(sheet.Comma), Label: "1.234,50"}}
}

func (v ImportColumns) order(n, c int) string {
	if o := v.Import.Mapping.Sheets[n].Orders[c]; o != "" {
		return string(o)
	}
	o, _, _ := v.Import.Tables[n].Survey.Columns[c].Order(v.Usual.Order)
	return string(o)
}

func (v ImportColumns) point(n, c int) string {
	if p := v.Import.Mapping.Sheets[n].Points[c]; p != "" {
		return string(p)
	}
	p, _, _ := v.Import.Tables[n].Survey.Columns[c].Point(v.Usual.Point)
	return string(p)
}

func cellID(n, c int) string { return strconv.Itoa(n) + "-" + strconv.Itoa(c) }
