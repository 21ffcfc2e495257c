package importing_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/importing"
	"fieldgate/internal/importing/importingtest"
	"fieldgate/internal/sheet"
)

// reading reads a file as an import does, for a business of a locale that has a
// tax of 10 % and Ann Lee on its staff.
func reading(t *testing.T, locale, name string, content []byte) (*importing.Reader, []importing.Table, map[int][]sheet.Row) {
	t.Helper()
	book, err := sheet.Open(bytes.NewReader(content), int64(len(content)), name)
	if err != nil {
		t.Fatal(err)
	}
	var (
		tables     []importing.Table
		recognised []importing.Recognised
	)
	rows := map[int][]sheet.Row{}
	for n, of := range book.Tables {
		var heads []string
		for _, h := range of.Heads {
			heads = append(heads, h.Name)
		}
		r := importing.Recognise(name, of.Name, heads)
		table := importing.Table{Name: of.Name, Hidden: of.Hidden, Heads: of.Heads, Source: r.Source, Known: r.Table}
		for row, err := range of.Each() {
			if err != nil {
				t.Fatal(err)
			}
			table.Survey.Add(row)
			rows[n] = append(rows[n], row)
		}
		table.Rows = table.Survey.Rows
		tables, recognised = append(tables, table), append(recognised, r)
	}
	choices := importing.Choices{Staff: []importing.Member{{Name: "Ann Lee"}}}
	taxes := []company.TaxRate{{Name: "GST", Percent: decimal.NewFromInt(10)}}
	format := company.NewFormat(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), "Australia/Perth", locale, "AUD")
	m := importing.Suggest(tables, recognised)
	r := importing.NewReader(tables, m, choices, taxes, format, importing.SourceOf(tables, m))
	for n := range tables {
		for _, row := range rows[n] {
			r.Look(n, row)
		}
	}
	return r, tables, rows
}

// field is a field of a thing, as "address.city" or "lines".
func field(t importing.Thing, name string) string {
	outer, inner, _ := strings.Cut(name, ".")
	v := t.Body[outer]
	if in, ok := v.(map[string]any); ok && inner != "" {
		v = in[inner]
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []string:
		return strings.Join(v, "+")
	case []map[string]any:
		var all []string
		for _, l := range v {
			all = append(all, fmt.Sprint(l["quantity"], "×", l["unit_price"], " ", l["tax_name"], " ", l["tax_percent"]))
		}
		return strings.Join(all, "+")
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// What stands in the files of real offices comes in as a person would type it.
func TestRowsAsPeopleMeanThem(t *testing.T) {
	t.Parallel()
	const jobs = "Job number|Customer|Description|Job type|Status|"
	for _, tt := range []struct {
		what, locale, file string
		kind               importing.Kind
		fields             string
		lines              []string
		want               []string
	}{
		{
			"sites of sites, before their customers and in other letters", "en-AU", "customers.csv", importing.Sites, "customer name",
			[]string{"Customer Name|Billing Customer|Suburb", "Annex|quay  HOTEL|Perth", "Quay Hotel|Harbour group |Perth", "Harbour Group||Perth"},
			[]string{"Harbour group, Annex", "Harbour group, Quay Hotel"},
		},
		{
			"zeros that a spreadsheet took", "en-AU", "customers.csv", importing.Customers, "phone street.postcode",
			[]string{"Customer name|Phone|Street|Postcode|Country", "A|889410000|1 X St|800|", "B|08 8941 0000|1 X St|6000|", "C|1300123456|1 X St|101|Iceland"},
			[]string{"0889410000, 0800", "08 8941 0000, 6000", "1300123456, 101"},
		},
		{
			"addresses as people keep them", "en-AU", "customers.csv", importing.Customers, "email",
			[]string{"Customer name|Email|Phone", "A|Tom <tom@x.example>; ann@x.example|", "B|n/a|", "C|mailto:c@x.example.|", "D|no email|"},
			[]string{"tom@x.example", "", "c@x.example", "no email"},
		},
		{
			"an address in one cell", "en-AU", "customers.csv", importing.Customers, "street.line1 street.city street.region street.postcode",
			[]string{"Customer name|Address|Phone", "A|\"Unit 3, 12 Marine Pde, Cottesloe, WA, 6011\"|", "B|\"1 High St, Perth WA 6000, Australia\"|"},
			[]string{"Unit 3, Cottesloe, WA, 6011", "1 High St, Perth, WA, 6000"},
		},
		{
			"addresses as printed", "en-AU", "customers.csv", importing.Customers, "street.line1 street.line2 street.city street.region street.postcode street.country",
			[]string{"Customer name|Physical address|Phone", "A|\"1 High St, St Kilda Vic 3182 Australia\"|", "B|\"Unit 3, 12 Marine Pde\"|", "C|\"1 High St, London SW1A 1AA\"|", "D|\"1 High St, Perth, Australia\"|"},
			[]string{"1 High St, , St Kilda, VIC, 3182, Australia", "Unit 3, 12 Marine Pde, , , , ", "1 High St, , London, , SW1A 1AA, ", "1 High St, Perth, Australia, , , "},
		},
		{
			"people whose names stand in two columns", "en-AU", "CUST.TXT", importing.Customers, "name number archived",
			[]string{"Co./Last Name|First Name|Card ID|Card Status|- Email", "Lee|Ann|*None|N|ann@x.example", "Quay Hotel||Q7|Y|"},
			[]string{"Ann Lee, , false", "Quay Hotel, Q7, true"},
		},
		{
			"a date makes a booking of a job that is open, and not of one that is still to be scheduled", "en-AU", "jobs.csv", importing.Jobs, "status booked_from",
			[]string{"Job number|Customer|Description|Status|Date booked", "1|A|Fit|Active|5/3/2026 9:00", "2|A|Fit|To Schedule|5/3/2026 9:00", "3|A|Fit|Active|"},
			[]string{"booked, 2026-03-05T09:00:00+08:00", "unscheduled, ", "unscheduled, "},
		},
		{
			"telephone numbers in one cell", "en-AU", "Customer Contact List.csv", importing.Customers, "phone mobile",
			[]string{"Customer|Phone Numbers|Email|Billing Address|Open Balance", "A|Phone:(02) 9555 0101  Mobile:0412 555 101|", "B|Mobile:412555101|", "C|Phone:02 9555 0101, Fax:02 9555 0102|", "D|Phone:02 9555 0101 Other:02 9555 0103|", "E|02 9555 0101|"},
			[]string{"(02) 9555 0101, 0412 555 101", ", 0412555101", "02 9555 0101, ", "Phone:02 9555 0101 Other:02 9555 0103, ", "02 9555 0101, "},
		},
		{
			"telephone numbers in one cell are the contact's, too", "en-AU", "Customer Contact List.csv", importing.Contacts, "phone mobile",
			[]string{"Customer|Phone Numbers|Email|Full Name|Billing Address|Open Balance", "A|Phone:(02) 9555 0101  Mobile:0412 555 101|a@x.example|Ann Lee|"},
			[]string{"(02) 9555 0101, 0412 555 101"},
		},
		{
			"jobs that are done by their date alone", "en-AU", "jobs.csv", importing.Jobs, "status completed_at",
			[]string{"Job #|Client name|Title|Scheduled start date|Closed date", "1|A|Fit|\"Mar 05, 2024\"|\"Mar 06, 2024\"", "2|A|Fit|\"Mar 05, 2024\"|-"},
			[]string{"completed, 2024-03-06T12:00:00+08:00", ", "},
		},
		{
			"whom other programs call inactive", "en-AU", "customers.csv", importing.Customers, "archived",
			[]string{"Customer name|Active|Phone", "A|Yes|", "B|No|", "C|Inactive|", "D||"},
			[]string{"false", "true", "true", ""},
		},
		{
			"dates of programs that know no dates", "en-AU", "jobs.csv", importing.Jobs, "booked_from completed_at created_at",
			[]string{
				jobs + "Date Booked|Completed|Created", "1|A|x|y|Completed|3/02/2025 12:00:00 AM|45292|0000-00-00 00:00:00", "2|A|x|y|Completed|3/02/2025 1:30:00 PM|45292.5|1/01/0001 12:00:00 AM", "3|A|x|y|Completed|-|N/A|13/02/2025",
			},
			[]string{
				"2025-02-03T08:00:00+08:00, 2024-01-01T12:00:00+08:00, ", "2025-02-03T13:30:00+08:00, 2024-01-01T12:00:00+08:00, ", ", , 2025-02-13T00:00:00+08:00",
			},
		},
		{
			"people in a cell", "en-AU", "jobs.csv", importing.Jobs, "staff",
			[]string{
				jobs + "Assigned to", "1|A|x|y|Open|\"Fields, Tom\"", "2|A|x|y|Open|\"Fields, Tom; van der Berg, Jan\"", "3|A|x|y|Open|\"Ann Lee, Joe Poe\"", "4|A|x|y|Open|Unassigned",
				"5|A|x|y|Open|Sipho", "6|A|x|y|Open|\"Sipho, Thabo\"", "7|A|x|y|Open|Joe Poe and Ann Lee",
			},
			[]string{"Tom Fields", "Tom Fields+Jan van der Berg", "Ann Lee+Joe Poe", "", "Sipho", "Sipho+Thabo", "Joe Poe+Ann Lee"},
		},
		{
			"statuses of every kind", "en-AU", "jobs.csv", importing.Jobs, "status booked_from",
			[]string{
				jobs + "Date Booked", "1|A|x|y|Job : Complete|", "2|A|x|y|On Hold - Awaiting Parts|", "3|A|x|y|Could Not Complete|", "4|A|x|y|Dispatched|", "5|A|x|y|Not Scheduled|3/2/2025", "6|A|x|y|Ready To Invoice|", "7|A|x|y|N/A|", "8|A|x|y|Waiting on Parts|", "9|A|x|y|Ending within 30 days|",
			},
			[]string{"completed, ", "deferred, ", "deferred, ", "unscheduled, ", "unscheduled, ", "completed, ", ", ", "deferred, ", "in progress, "},
		},
		{
			"numbers with signs that addresses do not have", "en-AU", "jobs.csv", importing.Jobs, "number quote",
			[]string{jobs + "Quote number", "#10234|A|x|y|Open|QU/2024/001", "2024/001|A|x|y|Open|", "JOB-000123|A|x|y|Open|-"},
			[]string{"10234, QU-2024-001", "2024-001, ", "JOB-000123, "},
		},
		{
			"jobs without a description", "en-AU", "jobs.csv", importing.Jobs, "name description",
			[]string{"Job number|Customer|Name|Description|Work Undertaken|Job type", "1|A|Tap||Done|Repair", "2|A|||New washer|Repair", "3|A||||Repair", "4|A|Tap|Drips||Repair"},
			[]string{", Tap", ", New washer", ", Repair", "Tap, Drips"},
		},
		{
			"quotes of which only the price is said", "en-AU", "quotes.csv", importing.Quotes, "description lines",
			[]string{"Quote #|Client name|Title|Status|Line items|Drafted date|Subtotal ($)", "30|A||Draft||2026-02-01|80"},
			[]string{"Quote 30, 1×80 GST 10"},
		},
		{
			"texts that were HTML", "en-AU", "jobs.csv", importing.Jobs, "description",
			[]string{
				jobs + "Internal notes", "1|A|<p>Leaking tap</p><ul><li>Kitchen</li><li>Bath &amp; <b>WC</b></li></ul>|y|Open|", "2|A|Up<br/>Down<br>  Out|y|Open|", "3|A|Flow < 3 l/min; <see photo>|y|Open|", "4|A|Mornings&nbsp;<i>only</i>|y|Open|",
			},
			[]string{"Leaking tap\n• Kitchen\n• Bath & WC", "Up\nDown\nOut", "Flow < 3 l/min; <see photo>", "Mornings only"},
		},
		{
			"several addresses in one cell", "en-AU", "customers.csv", importing.Customers, "email notes",
			[]string{"Customer name|Email|Notes", "A|a@x.example; b@x.example|Ring first", "B|\"b@x.example,B@x.example, c@x.example\"|", "C|c@x.example|Ring"},
			[]string{"a@x.example, Ring first\nOther email addresses: b@x.example", "b@x.example, Other email addresses: c@x.example", "c@x.example, Ring"},
		},
		{
			"equipment that is out of use", "en-AU", "assets.csv", importing.Equipment, "retired",
			[]string{"Asset ID|Asset Type|Customer Name|Site Name|Serial Number|Archived", "1|AC|A|S|x|TRUE", "2|AC|A|S|y|No", "3|AC|A|S|z|0"},
			[]string{"true", "false", "false"},
		},
		{
			"the address of a job, where no site is named", "en-AU", "jobs.csv", importing.Sites, "customer name address.city",
			[]string{
				"Job Number|Client|Job Address|Status|Description|Work Order Date", "1|A|\"1 Wharf Rd\nFremantle WA 6160\"|Work Order|x|", "2|A|\"1 Wharf Rd\nFremantle WA 6160\"|Work Order|x|", "3|B||Work Order|x|",
			},
			[]string{"A, 1 Wharf Rd, Fremantle"},
		},
		{
			"tax to the cent", "en-AU", "quotes.csv", importing.Quotes, "lines",
			[]string{
				"Quote number|Customer|Description|Status|Subtotal|GST|Total", "1|A|x|Sent|5.55|0.56|6.11", "2|A|x|Sent|123.45|12.34|135.79", "3|A|x|Sent|1000|0|1000", "4|A|x|Sent|||1100", "5|A|x|Sent|200||217", "6|A|x|Sent|\"$1,000.00\"|\"$85.00\"|",
			},
			[]string{"1×5.55 GST 10", "1×123.45 GST 10", "1×1000 <nil> <nil>", "1×1000 GST 10", "1×200 GST 8.5", "1×1000 GST 8.5"},
		},
		{
			"a discount", "en-AU", "quotes.csv", importing.Quotes, "lines",
			[]string{"Quote number|Customer|Description|Status|Subtotal|Discount|Total", "1|A|x|Sent|100|10|99", "2|A|x|Sent|100|-|110"},
			[]string{"1×90 GST 10", "1×100 GST 10"},
		},
		{
			"numbers with either sign in one column", "en-AU", "quotes.csv", importing.Quotes, "lines",
			[]string{"Quote number|Customer|Description|Status|Subtotal", "1|A|x|Sent|12.50", "2|A|x|Sent|\"1.234,50\"", "3|A|x|Sent|\"R1 234,50\"", "4|A|x|Sent|\"1,234\""},
			[]string{"1×12.5 GST 10", "1×1234.5 GST 10", "1×1234.5 GST 10", "1×1234 GST 10"},
		},
		{
			"a quote of sections", "en-AU", "quotes.csv", importing.Quotes, "number lines",
			[]string{
				"QUOTE NUMBER|QUOTE NAME|IS SECTION/STAGE|QUOTE STATUS|SITE CUSTOMER|BILLING CUSTOMER|TOTAL AMOUNT EX TAX|TOTAL TAX|QUOTE DESCRIPTION",
				"700|House|No|Sent|A|A|0|0|Rewire", "700-1|Rough in|Yes|||||1000|100", "700-1|Rough in|Yes||||1000|100|", "700-2|Fit off|Yes||||500|50|", "701|Shed|No|Sent|A|A|80|8|Light",
			},
			[]string{"700, 1×1000 GST 10+1×500 GST 10", "701, 1×80 GST 10"},
		},
		{
			"numbers that count for each site", "en-AU", "equipment.csv", importing.Equipment, "customer site number",
			[]string{"Customer|Site|Asset number|Name|Type", "A|North|AC1|Split|AC", "A|South|AC1|Split|AC", "A|South|AC2|Split|AC", "B||AC1|Split|AC"},
			[]string{"A, North, AC1 North", "A, South, AC1 South", "A, South, AC2", "B, , AC1"},
		},
	} {
		r, tables, rows := reading(t, tt.locale, tt.file, []byte(strings.ReplaceAll(strings.Join(tt.lines, "\n"), "|", ",")))
		var got []string
		for n := range tables {
			for _, row := range rows[n] {
				for _, thing := range r.Things(tt.kind, n, row) {
					var all []string
					for _, name := range strings.Fields(tt.fields) {
						all = append(all, field(thing, name))
					}
					if err := thing.Problems.Err(); err != nil {
						all = append(all, err.Error())
					}
					got = append(got, strings.Join(all, ", "))
				}
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tt.what, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

// What cannot come in says where the trouble is and what to do.
func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what, file string
		kind       importing.Kind
		content    []byte
		want       []string
	}{
		{
			"two customers of one name", "customers.csv", importing.Customers, lines("Customer name|Street|Phone|Terms", "John Smith|1 A St||30", "John Smith|9 Z St|555|", "John Smith||556|14"),
			[]string{"name: Row 2 has the same name and another address. If this is another customer, give it a name of its own, such as with the suburb. If it is the same, make the two rows alike or delete one."},
		},
		{
			"two things that nothing tells apart", "equipment.csv", importing.Equipment, lines("Customer|Name|Type|Location", "A|Smoke alarm|Alarm|Hall", "A|Smoke alarm|Alarm|Attic", "A|Smoke alarm|Alarm|Hall"),
			[]string{"name: Row 2 is called the same and stands at the same place. If this is another piece, say what tells them apart, such as the location or a number."},
		},
		{
			"two pieces of one serial number", "equipment.csv", importing.Equipment, lines("Customer|Name|Type|Serial number|Location", "A|Split 1|AC|X1|Hall", "A|Split 2|AC|x1|Roof", "A|Split 1|AC|X1|Hall", "B|Split 3|AC|X1|Hall"),
			[]string{"serial_number: Row 2 has this serial number at the same customer, too. Correct one of the two, or delete one."},
		},
		{
			"two pieces of one number", "equipment.csv", importing.Equipment, lines("Customer|Asset number|Name|Type", "A|AC1|Split 1|AC", "A|AC1|Split 2|AC", "A|AC1|Split 1|AC", "B|AC1|Split 3|AC"),
			[]string{"number: Row 2 has this number, too. Give one of the two another number, or delete one."},
		},
		{
			"two jobs of one number, the first refused", "jobs.csv", importing.Jobs, lines("Job number|Customer|Description|Status|Date created", "7|A|Pump|Scheduled|soon", "7|A|Fan|Scheduled|2026-02-01", "8|A|Fan|Scheduled|2026-02-01", "8|A|Fan|Scheduled|2026-02-01"),
			[]string{"created_at: “soon” is not a date. Write it like 2026-12-31.", "number: Row 2 has this number, too. Give one of the two another number, or delete one."},
		},
		{
			"a number that a spreadsheet has shortened", "customers.csv", importing.Customers, lines("Customer number|Customer name|Phone", "4.12E+08|A|4.12E+08"),
			[]string{"number: A spreadsheet has shortened this number to “4.12E+08”. Take it over from where the file comes from."},
		},
		{
			"a quote that was sent without a price", "quotes.csv", importing.Quotes, lines("Quote number|Customer|Description|Status|Subtotal", "1|A|x|Sent|", "2|A|x|Draft|"),
			[]string{"lines: A quote that was sent has a price. Write its total without tax here."},
		},
		{
			"lines of quotes", "quotes.xlsx", importing.Quotes, importingtest.Workbook(t,
				importingtest.Sheet{Name: "Quotes", Lines: []string{"Quote number|Customer|Description|Status|Subtotal", "1|A|x|Sent|30", "2|A|x|Sent|99", "3|A|x|Sent|"}},
				importingtest.Sheet{Name: "Quote lines", Lines: []string{"Quote number|Item|Qty|Unit price|Tax code", "1|Cable|3|10|GST", "2|Cable|1|10|GST free", "3|Cable|1|ten|", "4|Cable|1|10|"}}),
			[]string{
				"lines: Its lines come to 10.00, but its total without tax is 99.00. Correct one of them, or leave the sheet with the lines out under Columns.",
				"lines: Row 4 of “Quote lines”: “ten” is not a number. Write it like 1234.50.",
				"number: No quote in this file has the number “4”. Lines are imported with their quote: add it to the file, or delete the line.",
			},
		},
	} {
		r, tables, rows := reading(t, "en-AU", tt.file, tt.content)
		var got []string
		for n := range tables {
			for _, row := range rows[n] {
				for _, thing := range r.Things(tt.kind, n, row) {
					if err := thing.Problems.Err(); err != nil {
						got = append(got, err.Error())
					}
				}
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tt.what, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

// Who stands in a file twice is what the first row says, and the later ones fill in
// what it lacks: so that the same file again changes nothing.
func TestWhoStandsInAFileTwice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file string
		kind importing.Kind
		rows []byte
	}{
		{"customers.csv", importing.Customers, lines("Customer name|Phone|Terms", "A|1|", "A|2|30", "B|3|")},
		{"customers.csv", importing.Customers, lines("Customer name|Customer number|Phone|Terms", "A|C-7|1|", "A|C-7|2|30", "B|C-8|3|")},
		{"contacts.csv", importing.Contacts, lines("Customer|Contact name|Email|Phone", "A|Sam|s@x.example|1", "A|Sam|S@x.example|2", "B|Sam|s@x.example|3")},
		{"sites.csv", importing.Sites, lines("Customer|Site name|Access instructions", "A|Shed|Key 1", "A|shed|Key 2", "B|Shed|Key 3")},
	} {
		r, _, rows := reading(t, "en-AU", tt.file, tt.rows)
		var modes []importing.Mode
		for _, row := range rows[0] {
			for _, thing := range r.Things(tt.kind, 0, row) {
				modes = append(modes, thing.Mode)
			}
		}
		if want := []importing.Mode{importing.Usually, importing.Blanks, importing.Usually}; !slices.Equal(modes, want) {
			t.Errorf("%s of %s: %q, want %q", tt.kind, tt.file, modes, want)
		}
	}
}

// Of two who work here under one name it has to be said which, by the address;
// nobody of that name is made.
func TestStaffOfOneName(t *testing.T) {
	t.Parallel()
	c := importing.Choices{Staff: []importing.Member{{Name: "Tom Fields", Email: "tom@x.example"}, {Name: "Tom Fields", Email: "tf@x.example"}, {Name: "Ann Lee", Email: "ann@x.example"}}}
	f, _ := importing.FieldFor("jobs.staff")
	m := importing.Mapping{}
	for word, want := range map[string]string{"Tom Fields": "", "tom  fields": "", "TF@x.example": "tf@x.example", "Ann Lee": "Ann Lee", "ann@x.example": "Ann Lee", "Joe Poe": importing.MakeIt} {
		if got := m.Means(c, f, word); got != want {
			t.Errorf("%s means %q, want %q", word, got, want)
		}
	}
	var labels []string
	for _, o := range c.Options(f) {
		labels = append(labels, o.Word+"="+o.Label)
	}
	if want := []string{"tom@x.example=Tom Fields (tom@x.example)", "tf@x.example=Tom Fields (tf@x.example)", "Ann Lee=Ann Lee"}; !slices.Equal(labels, want) {
		t.Errorf("to choose from: %q", labels)
	}
}

func lines(all ...string) []byte {
	return []byte(strings.ReplaceAll(strings.Join(all, "\n"), "|", ","))
}

// Work at the customer's own address, or at a site that the file names there, is at
// no site of another name.
func TestWhereWorkIs(t *testing.T) {
	t.Parallel()
	r, tables, rows := reading(t, "en-AU", "all.xlsx", importingtest.Workbook(t,
		importingtest.Sheet{Name: "Customers", Lines: []string{"Customer Name|Street Address|Suburb|Phone", "A|1 Wharf Rd|Fremantle|1"}},
		importingtest.Sheet{Name: "Sites", Lines: []string{"Customer|Site name|Street Address|Suburb", "A|Shed|2 Back Ln|Perth"}},
		importingtest.Sheet{Name: "Jobs", Lines: []string{"Job number|Customer|Site|Site address line 1|Description|Status", "1|A||1 Wharf Rd|x|Open", "2|A||2 back ln|x|Open", "3|A||3 New St|x|Open", "4|A|A|4 New St|x|Open"}}))
	var got []string
	for n := range tables {
		for _, row := range rows[n] {
			for _, thing := range r.Things(importing.Jobs, n, row) {
				got = append(got, field(thing, "number")+" "+field(thing, "site"))
			}
		}
	}
	if want := []string{"1 ", "2 Shed", "3 3 New St", "4 "}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// What jobs name is made, however many different cells name it, and nothing for
// rows that are left out.
func TestWhatIsMade(t *testing.T) {
	t.Parallel()
	all := []string{"Job number|Customer|Description|Job type|Assigned to|IS SECTION/STAGE"}
	for n := range 150 {
		all = append(all, fmt.Sprintf("%d|A|x|Type %d|Joe Poe|No", n, n))
	}
	all = append(all, "9-1|A|x||Mia Moe|Yes", "Total|||||")
	r, tables, _ := reading(t, "en-AU", "jobs.csv", lines(all...))
	if types := r.Made(importing.JobTypes); len(types) != 150 || types[0].Body["name"] != "Type 0" {
		t.Errorf("%d types, such as %v", len(types), types[0].Body)
	}
	if staff := r.Made(importing.Staff); len(staff) != 1 || staff[0].Body["name"] != "Joe Poe" {
		t.Errorf("staff: %v", staff)
	}
	if tables[0].Rows != 151 {
		t.Errorf("%d rows", tables[0].Rows)
	}
}

// A sheet that lacks what its things need, or that is hidden, does not hinder the
// others.
func TestSheetsThatAreLeftOut(t *testing.T) {
	t.Parallel()
	whole := []string{"Customer|Name|Type|Serial number", "A|Split|AC|1"}
	for _, tt := range []struct {
		what   string
		sheets []importingtest.Sheet
		skip   []bool
	}{
		{"beside a whole one", []importingtest.Sheet{{Name: "Equipment", Lines: whole}, {Name: "Readings", Lines: []string{"Serial number|Model|Make", "1|x|y"}}}, []bool{false, true}},
		{"alone, to be chosen for", []importingtest.Sheet{{Name: "Equipment", Lines: []string{"Serial number|Model|Make", "1|x|y"}}}, []bool{false}},
		{"lines without their quotes", []importingtest.Sheet{{Name: "Equipment", Lines: whole}, {Name: "Quote lines", Lines: []string{"Quote number|Item|Qty|Unit price", "1|x|1|2"}}}, []bool{false, true}},
	} {
		var (
			tables     []importing.Table
			recognised []importing.Recognised
		)
		for _, s := range tt.sheets {
			heads := strings.Split(s.Lines[0], "|")
			table := importing.Table{Name: s.Name, Rows: 1}
			for n, h := range heads {
				table.Heads = append(table.Heads, sheet.Head{Name: h, Column: n})
			}
			tables, recognised = append(tables, table), append(recognised, importing.Recognise("file.xlsx", s.Name, heads))
		}
		for n, s := range importing.Suggest(tables, recognised).Sheets {
			if s.Skip != tt.skip[n] {
				t.Errorf("%s: %s is left out: %v", tt.what, s.Name, s.Skip)
			}
		}
		tables[0].Hidden = true
		if !importing.Suggest(tables, recognised).Sheets[0].Skip {
			t.Errorf("%s: hidden, and imported", tt.what)
		}
	}
}

// In a file of a few rows dates and numbers mean what they meant among all.
func TestPlainCells(t *testing.T) {
	t.Parallel()
	_, tables, rows := reading(t, "en-AU", "quotes.csv", lines("Quote number|Customer|Description|Valid until|Subtotal", "1|A|x|3/4/2026|\"1.125\"", "2|A|x|12/31/2026|\"2,500.50\"", "3|A|x|soon|12"))
	s := importing.Suggest(tables, []importing.Recognised{importing.Recognise("quotes.csv", "quotes", []string{"Quote number", "Customer", "Description", "Valid until", "Subtotal"})}).Sheets[0]
	var got []string
	for _, row := range rows[0] {
		cells := s.Plain(tables[0], importing.UsualOf("en-AU"), row)
		got = append(got, cells[3].Text+" "+cells[4].Text)
	}
	if want := []string{"2026-03-04 1.1250", "2026-12-31 2500.50", "soon 12"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
