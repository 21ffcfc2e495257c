package importing

import (
	"slices"
	"strings"
	"unicode"

	"fieldgate/internal/exchange"
)

// Kind is a kind of thing, as exchange has it; quote lines stand in tables of
// their own and come in with their quote.
type Kind = exchange.Kind

// The kinds.
const (
	Staff      = exchange.Staff
	JobTypes   = exchange.JobTypes
	Customers  = exchange.Customers
	Sites      = exchange.Sites
	Contacts   = exchange.Contacts
	Equipment  = exchange.Equipment
	Quotes     = exchange.Quotes
	QuoteLines = exchange.QuoteLines
	Jobs       = exchange.Jobs
	Tasks      = exchange.Tasks
	Time       = exchange.Time
)

// Kinds are those that tables hold, each behind what it refers to.
var Kinds = []Kind{JobTypes, Customers, Sites, Contacts, Equipment, QuoteLines, Quotes, Jobs, Tasks, Time}

// Label is a kind as screens write it: Customers, Quote Lines.
func Label(k Kind) string {
	for _, t := range exchange.Tables() {
		if t.Kind == k {
			return t.Name
		}
	}
	return k.Label()
}

// Sort is how the values of a field are read.
type Sort int

// The sorts of fields.
const (
	Words     Sort = iota // a line
	Long                  // a text
	Phone                 // a telephone number
	Day                   // a date
	Moment                // a date with a time of day
	Clock                 // a time of day
	Amount                // money
	Quantity              // a number
	Percent               // a rate
	Truth                 // yes or no
	Choice                // one of a few words
	Reference             // something named by its number or name
	People                // members of staff, by name or address
	Whole                 // an address in one cell
)

// Field is what a column can be brought in as.
type Field struct {
	Kind  Kind
	Name  string
	Label string
	Sort  Sort
	// heads by which the field is known in a table of its kind, compact.
	heads []string
}

// Target names a field: "customers.name".
type Target string

// Target names the field.
func (f Field) Target() Target { return Target(string(f.Kind) + "." + f.Name) }

// Kind is the kind of the field.
func (t Target) Kind() Kind { k, _, _ := strings.Cut(string(t), "."); return Kind(k) }

// Name is the field's name.
func (t Target) Name() string { _, n, _ := strings.Cut(string(t), "."); return n }

const (
	line1Heads    = "addressline1|address1|addressline|street|street1|streetaddress|streetaddress1|line1|streetline1|physicaladdress"
	line2Heads    = "addressline2|address2|street2|streetaddress2|line2|streetline2|unit|suite"
	cityHeads     = "suburb|city|town|towncity|suburbcity|citysuburb|suburbtown|townorcity|locality"
	regionHeads   = "state|region|province|county|stateregion|stateprovince|stateorregion|stateprovinceregion"
	postcodeHeads = "postcode|postalcode|zip|zipcode|postcodezip|postalzipcode|zippostalcode|zippostcode"
	phoneHeads    = "phone|phonenumber|mainphone|mainphonenumber|telephone|tel|workphone|workphonenumber|businessphone|landline|phone1|primaryphone|homephone|homephonenumber|officephone"
	mobileHeads   = "mobile|mobilephone|mobilenumber|mobilephonenumber|cell|cellphone|cellphonenumber|cellular|altphone|alternatephone|phone2|textmessageenabledphonenumber"
	emailHeads    = "email|emailaddress|emails|mail|primaryemail|email1|workemail"
	notesHeads    = "notes|note|comments|comment|internalnotes|privatenotes|officenotes|remarks"
	externalHeads = "externalid|id|sourceid|reference|uniqueid|guid|uuid|recordid"
	archivedHeads = "archived|isarchived|inactive|deleted"
	customerHeads = "customer|customername|client|clientname|billingcustomer|customernumber|company|companyname|customercompany|account|accountname|customerid|clientid"
)

// fields are all that can be brought in.
var fields = func() (all []Field) {
	add := func(kind Kind, name, label string, sort Sort, heads string) {
		all = append(all, Field{kind, name, label, sort, strings.Split(heads, "|")})
	}
	where := func(kind Kind, name, label, prefix string) {
		with := func(heads string) string {
			if prefix == "" {
				return heads
			}
			var out []string
			for _, p := range strings.Split(prefix, "|") {
				for _, h := range strings.Split(heads, "|") {
					out = append(out, p+h)
				}
			}
			return strings.Join(out, "|")
		}
		add(kind, name+".line1", label+", line 1", Words, with(line1Heads))
		add(kind, name+".line2", label+", line 2", Words, with(line2Heads))
		add(kind, name+".city", label+", town or city", Words, with(cityHeads))
		add(kind, name+".region", label+", state or region", Words, with(regionHeads))
		add(kind, name+".postcode", label+", postcode", Words, with(postcodeHeads))
		add(kind, name+".country", label+", country", Words, with("country"))
		add(kind, name+".whole", label+", all in one column", Whole, with("address|fulladdress|wholeaddress"))
	}

	add(JobTypes, "external_id", "Id in its source", Words, externalHeads)
	add(JobTypes, "name", "Name", Words, "name|jobtype|type|jobtypename|category")
	add(JobTypes, "colour", "Colour", Choice, "colour|color")
	add(JobTypes, "active", "Offered for new jobs", Truth, "active|offered|offeredfornewjobs|isactive|enabled")
	add(JobTypes, "default_description", "Default description", Long, "defaultdescription|description")

	add(Customers, "external_id", "Id in its source", Words, externalHeads+"|customerid|clientid|companyid")
	add(Customers, "jobber_id", "Jobber's id, of customer and site", Words, "jid")
	add(Customers, "number", "Number", Words, "number|customernumber|clientnumber|accountnumber|customercode|customerno|code|debtorcode")
	add(Customers, "name", "Name", Words, "name|customername|clientname|customer|client|displayname|accountname|fullname")
	add(Customers, "company_name", "Company name", Words, "companyname|company|businessname|tradingname|organisation|organization|legalname")
	add(Customers, "phone", "Phone", Phone, phoneHeads+"|customerphone")
	add(Customers, "mobile", "Mobile", Phone, mobileHeads)
	add(Customers, "email", "Email Address", Words, emailHeads+"|customeremail|billingemail|accountsemail")
	where(Customers, "street", "Street address", "")
	where(Customers, "street", "Street address", "street|physical|billing")
	where(Customers, "postal", "Postal address", "postal|mailing|post|invoice|bill|billto")
	add(Customers, "payment_terms", "Payment terms", Words, "paymentterms|terms|accountterms|creditterms|tradingterms")
	add(Customers, "invoice_delivery", "Invoices are delivered", Words, "invoicesaredelivered|invoicedelivery|invoicemethod|deliverymethod")
	add(Customers, "invoice_address", "Invoices go to", Words, "invoicesgoto|invoiceemail|invoiceaddress|accountsemailaddress")
	add(Customers, "purchase_order_required", "Purchase order required", Truth, "purchaseorderrequired|porequired|requirespurchaseorder|requirepo|ordernumberrequired")
	add(Customers, "customer_type", "Customer type", Words, "customertype|clienttype|type|group|customergroup|category|industry")
	add(Customers, "on_hold", "On hold", Truth, "onhold|credithold|onstop|stopcredit|onaccounthold")
	add(Customers, "account_manager", "Account manager", People, "accountmanager|salesperson|salesrep|manager")
	add(Customers, "price_level", "Price level", Words, "pricelevel|pricetier|pricingtier|markup|pricegroup|pricelist")
	add(Customers, "notes", "Notes", Long, notesHeads+"|customernotes|clientnotes|leadsource")
	add(Customers, "archived", "Archived", Truth, archivedHeads)

	add(Sites, "external_id", "Id in its source", Words, externalHeads+"|siteid|propertyid|locationid")
	add(Sites, "customer", "Customer", Reference, customerHeads)
	add(Sites, "name", "Name", Words, "site|sitename|name|propertyname|property|locationname|location|displayname|propertytitle")
	where(Sites, "address", "Address", "")
	where(Sites, "address", "Address", "site|property|service|location|job")
	add(Sites, "site_contact", "Site contact", Words, "sitecontact|sitecontactname|onsitecontact|contact|contactname|primarycontact|tenant|tenantname")
	add(Sites, "access_instructions", "Access instructions", Long, "accessinstructions|access|accessnotes|instructions|sitenotes|propertynotes|publicnotes|accesscode|gatecode|"+notesHeads)
	add(Sites, "archived", "Archived", Truth, archivedHeads)

	add(Contacts, "external_id", "Id in its source", Words, externalHeads+"|contactid")
	add(Contacts, "customer", "Customer", Reference, customerHeads+"|site|sitename")
	add(Contacts, "name", "Contact Name", Words, "contactname|name|contact|fullname|displayname|contactperson|primarycontact|maincontact")
	add(Contacts, "first_name", "First name", Words, "firstname|givenname|first|forename|contactfirstname|christianname")
	add(Contacts, "last_name", "Last name", Words, "lastname|surname|familyname|last|contactlastname")
	add(Contacts, "email", "Email Address", Words, emailHeads+"|contactemail|contactemailaddress")
	add(Contacts, "phone", "Phone", Phone, phoneHeads+"|contactphone|contactphonenumber")
	add(Contacts, "mobile", "Mobile", Phone, mobileHeads+"|contactmobile|contactmobilenumber|contactcell")
	add(Contacts, "role", "Role", Words, "role|position|jobtitle|title|contactrole|contacttype|department|contactposition")
	add(Contacts, "default", "Default contact", Truth, "default|defaultcontact|isdefault|primary|isprimary|main")
	add(Contacts, "notes", "Notes", Long, notesHeads+"|contactnotes")
	add(Contacts, "archived", "Archived", Truth, archivedHeads)

	add(Equipment, "external_id", "Id in its source", Words, externalHeads+"|equipmentid")
	add(Equipment, "customer", "Customer", Reference, customerHeads)
	add(Equipment, "site", "Site", Reference, "site|sitename|property|propertyname|sitecustomer|siteid|sitelocation")
	add(Equipment, "number", "Number", Words, "number|equipmentnumber|assetnumber|assetid|assettag|tag|assetcode|equipmentcode|barcode|assetno|code|uniquenumber")
	add(Equipment, "name", "Name", Words, "name|equipmentname|equipment|assetname|asset|description|item|unit|title|equipmentdescription|assetdescription")
	add(Equipment, "type", "Type", Words, "type|equipmenttype|assettype|category|class|equipmentcategory|assetclass")
	add(Equipment, "location", "Location", Words, "location|locationonsite|area|position|room|floor|equipmentlocation|assetlocation|level")
	add(Equipment, "make", "Make", Words, "make|manufacturer|brand")
	add(Equipment, "model", "Model", Words, "model|modelnumber|modelno")
	add(Equipment, "serial_number", "Serial number", Words, "serialnumber|serial|serialno|sn")
	add(Equipment, "installed_on", "Installed", Day, "installed|installedon|installdate|installationdate|dateinstalled|purchasedate")
	add(Equipment, "commissioned_on", "Commissioned", Day, "commissioned|commissionedon|commissiondate|commissioningdate|startdate")
	add(Equipment, "warranty_until", "Warranty until", Day, "warrantyuntil|warrantyexpiry|warrantyexpires|warrantyexpirydate|warrantyenddate|warrantydate|warranty|warrantyend")
	add(Equipment, "last_service_on", "Last service", Day, "lastservice|lastserviceon|lastservicedate|lastserviced|lasttested|lasttestdate")
	add(Equipment, "next_service_on", "Next service due", Day, "nextservicedue|nextservice|nextserviceon|nextservicedate|servicedue|nexttestdate|nextdue|duedate")
	add(Equipment, "status", "Status", Choice, "status|state|condition")
	add(Equipment, "notes", "Notes", Long, notesHeads)

	for _, k := range []Kind{Quotes, Jobs} {
		own := strings.TrimSuffix(string(k), "s")
		add(k, "external_id", "Id in its source", Words, externalHeads+"|"+own+"id")
		add(k, "number", "Number", Words, "number|"+own+"number|"+own+"no|jobquotenumber|"+own)
		add(k, "customer", "Customer", Reference, customerHeads)
		add(k, "site", "Site", Reference, "site|sitename|property|propertyname|sitecustomer|servicelocation|location")
		where(k, "site_address", "Site address", "")
		where(k, "site_address", "Site address", "site|property|service|location|job")
		add(k, "main_contact", "Main contact", Reference, "maincontact|contact|contactname|sitecontact|primarycontact|clientcontact|customercontact")
		add(k, "main_contact_email", "Main contact's email", Reference, "contactemail|clientemail|customeremail|email|emailaddress|maincontactemail")
		add(k, "name", "Name", Words, "name|"+own+"name|title|"+own+"title|subject|jobquotename")
		add(k, "description", "Description", Long, "description|"+own+"description|details|instructions|scope|scopeofwork|workdescription|lineitems|summary")
		add(k, map[Kind]string{Jobs: "type", Quotes: "job_type"}[k], "Job type", Choice, "type|jobtype|category|worktype|jobcategory|servicetype")
		add(k, "status", "Status", Choice, "status|"+own+"status|stage|state|jobstage")
		add(k, "purchase_order", "Purchase order", Words, "purchaseorder|po|ponumber|purchaseordernumber|ordernumber|clientordernumber|customerordernumber|orderno|customerpo")
		add(k, "preferred_on", "Preferred date", Day, "preferreddate|preferredon|daterequired|requiredby|requesteddate|duedate|daterequested")
		add(k, "created_at", "Created", Moment, "created|datecreated|createddate|createdat|createdon|dateadded|entereddate|dateissued|drafteddate")
		add(k, "staff", "Assigned", People, "assigned|assignedto|assignedstaff|staff|technician|technicians|engineer|visitsassignedto|teammembers|salesperson")
		add(k, "internal_notes", "Internal notes", Long, notesHeads)
		add(k, "skip", "Leave out rows with Yes", Truth, "issectionstage|issection|isstage|sectionstage|deleted")
	}
	add(Quotes, "valid_until", "Valid until", Day, "validuntil|expirydate|expires|expiry|quoteexpiry|expirydateofquote|validto")
	add(Quotes, "sent_at", "Sent", Moment, "sent|sentdate|datesent|senton|issued")
	add(Quotes, "accepted_at", "Accepted", Moment, "accepted|approveddate|accepteddate|dateaccepted|approved")
	add(Quotes, "inclusions", "Inclusions", Long, "inclusions|included")
	add(Quotes, "exclusions", "Exclusions", Long, "exclusions|excluded|notincluded")
	add(Quotes, "terms", "Terms", Long, "terms|termsandconditions|clientmessage|contractdisclaimer")
	add(Quotes, "total_ex_tax", "Total without tax", Amount, "totalamountextax|totalextax|subtotal|totalexgst|amountextax|totalexcludingtax|totalexclgst|totalexvat|netamount|price|total")
	add(Quotes, "total_tax", "Tax", Amount, "totaltax|tax|gst|vat|taxamount|totalgst|totalvat")

	add(QuoteLines, "quote", "Quote", Reference, "quote|quotenumber|quoteno|quoteid|number")
	add(QuoteLines, "section", "Section", Words, "section|heading|group|costcentre|costcenter")
	add(QuoteLines, "description", "Description", Long, "description|linedescription|item|itemdescription|lineitem|product|productservice|itemname|lineitemname")
	add(QuoteLines, "quantity", "Quantity", Quantity, "quantity|qty|units")
	add(QuoteLines, "unit_price", "Unit price", Amount, "unitprice|price|rate|unitpriceextax|unitcost|sellprice|unitsell|priceeach")
	add(QuoteLines, "tax_rate", "Tax rate", Percent, "taxrate|tax|gst|vat|taxcode|taxpercent")

	add(Jobs, "booked_from", "Date Booked", Moment, "datebooked|bookingdate|bookeddate|bookedfrom|booked|scheduleddate|scheduledstartdate|scheduledstart|startdate|start|scheduledfor|appointment|visitdate|bookingstart|startdatetime")
	add(Jobs, "booked_time", "Time booked", Clock, "bookingtime|starttime|timebooked|scheduledtime|arrivaltime")
	add(Jobs, "booked_until", "Booked until", Moment, "bookeduntil|bookingend|scheduledenddate|scheduledend|enddate|finish|finishdate|end|bookingenddate|enddatetime")
	add(Jobs, "work_undertaken", "Work Undertaken", Long, "workundertaken|workdone|workcompleted|workperformed|completionnotes|worknotes|resolution|workcarriedout")
	add(Jobs, "completed_at", "Completed", Moment, "completed|completedat|completeddate|datecompleted|completiondate|closeddate|dateclosed|finisheddate|completedon")
	add(Jobs, "cancelled_why", "Why cancelled", Long, "cancelledwhy|whycancelled|cancellationreason|cancelreason|reasoncancelled")
	add(Jobs, "invoice_number", "Invoice number", Words, "invoicenumber|invoice|invoiceno|invoicenumbers")
	add(Jobs, "invoicing_note", "Invoicing note", Long, "invoicingnote|invoicenote|invoicenotes")
	add(Jobs, "priority", "Priority", Choice, "priority|urgency")
	add(Jobs, "quote", "Quote", Reference, "quote|quotenumber|quoteno|linkedquote")
	add(Jobs, "equipment", "Equipment worked on", Reference, "equipment|asset|assetnumber|equipmentnumber|assets|equipmentworkedon")

	add(Tasks, "job", "Job", Reference, "job|jobnumber|jobno|jobid")
	add(Tasks, "subject", "Subject", Words, "subject|task|title|name|taskname|tasksubject")
	add(Tasks, "description", "Description", Long, "description|details|taskdescription|"+notesHeads)
	add(Tasks, "due_on", "Due", Day, "due|dueon|duedate|datedue")
	add(Tasks, "done", "Done", Truth, "done|completed|complete|iscomplete|finished|status")
	add(Tasks, "assignee", "Assignee", People, "assignee|assignedto|assigned|staff|technician")

	add(Time, "job", "Job", Reference, "job|jobnumber|jobno|jobid")
	add(Time, "worked_on", "Day", Day, "day|workedon|date|workdate|dateworked|timesheetdate")
	add(Time, "hours", "Hours", Quantity, "hours|timelogged|duration|totalhours|hrs|quantity|time|hoursworked")
	add(Time, "staff", "Staff member", People, "staffmember|staff|employee|technician|user|assignedto|worker|name|teammember")
	add(Time, "start", "Start", Clock, "start|starttime|from|timefrom")
	add(Time, "end", "End", Clock, "end|endtime|to|finish|finishtime|timeto")
	add(Time, "note", "Note", Long, "note|description|activity|worktype|"+notesHeads)
	return merge(all)
}()

// merge joins fields that were added twice, under other heads.
func merge(all []Field) (out []Field) {
	at := map[Target]int{}
	for _, f := range all {
		if i, known := at[f.Target()]; known {
			out[i].heads = append(out[i].heads, f.heads...)
			continue
		}
		at[f.Target()] = len(out)
		out = append(out, f)
	}
	return out
}

// FieldsOf are the fields of a kind, in the order of its form.
func FieldsOf(k Kind) (all []Field) {
	for _, f := range fields {
		if f.Kind == k {
			all = append(all, f)
		}
	}
	return all
}

var byTarget = func() map[Target]Field {
	all := map[Target]Field{}
	for _, f := range fields {
		all[f.Target()] = f
	}
	return all
}()

// FieldFor is the field that a target names.
func FieldFor(t Target) (Field, bool) { f, ok := byTarget[t]; return f, ok }

// compact is a head as it is compared: without case, blanks and punctuation, and
// with one word for number.
func compact(head string) string {
	head = strings.ReplaceAll(head, "#", " number ")
	words := strings.FieldsFunc(splitCamel(head), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		w = strings.ToLower(w)
		switch {
		case (w == "no" || w == "nr" || w == "num" || w == "numbers") && i > 0:
			w = "number"
		case w == "s" && i > 0 && words[i-1] == "number":
			w = ""
		case w == "mail" && i > 0 && words[i-1] == "e", w == "mails" && i > 0 && words[i-1] == "e":
			w = "mail"
		case w == "organization":
			w = "organisation"
		}
		words[i] = w
	}
	return strings.TrimSuffix(strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "required" && len(words) > 3 }), ""), "optional")
}

// splitCamel sets the words of "CompanyName" apart.
func splitCamel(s string) string {
	var out strings.Builder
	var before rune
	for _, r := range s {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
		before = r
	}
	return out.String()
}

// refersTo is the kind of what a field names.
func refersTo(f Field) Kind {
	known, _ := exchange.FieldNamed(f.Kind, f.Name)
	return known.Ref
}

// manyOf reports whether a field holds a list.
func manyOf(f Field) bool {
	known, _ := exchange.FieldNamed(f.Kind, f.Name)
	return known.Type == exchange.Many
}
