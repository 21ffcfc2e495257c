package demo

// sort is a kind of job that technicians know by heart. The texts hold
// {placeholders}, filled for each job by words of its own; of [this|that] one is
// taken, and of all [=this|that] of a job the same one.
type sort struct {
	jobType     string
	plant       []string // suits these types of equipment; none: any, or no piece at all
	weight      int
	name        string
	description string
	work        []string // sentences; the first always, of the others some
	tasks       []string
	hours       [2]float64
	priority    string
	visits      int // at most
	crew        int // at most
	bill        string
}

var comfort = []string{"Wall split", "Ceiling cassette", "Ducted split", "Rooftop package unit", "VRF outdoor unit", "Multi-split outdoor unit", "Fan coil unit", "Server room unit"}

var fans = []string{"Exhaust fan", "Kitchen exhaust fan", "Carpark exhaust fan", "Corridor supply fan", "Stair pressurisation fan", "Pump room fan"}

var sorts = []sort{
	{
		"Maintenance", comfort, 22, "[Quarterly|Half-yearly|Scheduled] service – {unit}", "Preventive maintenance of {tag} ({make} {code}) in {where} as per the service agreement. Clean filters, check operation, log readings and report defects.",
		[]string{
			"Carried out scheduled service of {tag} {make} {code}.", "Washed and refitted return air filters.", "Chemically cleaned the indoor coil, rinsed drain tray and flushed condensate line to the gully.",
			"Supply air {supply} °C, return air {return} °C, split {split} K.", "Suction {suction} kPa, discharge {discharge} kPa, compressor running current {amps} A.", "Tightened electrical terminals and checked the isolator; no hot joints found.",
			"Outdoor coil brushed and hosed, fan bearings quiet.", "[No defects to report.|Insulation on the liquid line is perished near the roof penetration; photo attached, quote to follow.|Filter media is near the end of its life; allow for replacement at the next visit.]",
			"System left running in [cooling|auto], set to 23 °C.",
		},
		[]string{"Filters washed", "Coil and drain tray cleaned", "Readings logged", "Defects photographed"},
		[2]float64{1, 2.5},
		"normal", 1, 1, "service",
	},
	{
		"Maintenance", nil, 9, "[Quarterly|Monthly|Six-monthly] service – whole site", "Service all air conditioning at {site} as per asset register. Sign in with {role} on arrival. [Please keep noise down before 9 am.|Roof access key is at reception.|Work around trading hours.]",
		[]string{
			"Serviced all units on the asset register.", "Filters cleaned or replaced throughout; {n} panel filters used.", "All drains flushed and tested, no overflow.",
			"Readings recorded on the service sheet attached.", "[One fan belt replaced on the roof unit (SPA 1182).|Two thermostats were found set to 18 °C and locked back to 22 °C.|Batteries replaced in {n} remote controllers.]",
			"Recommend [coil clean on the two oldest units within six months|replacement of the rusted roof platform bolts|a condensate pump for the unit in {where}]; quote to follow.", "Site left clean, signed out.",
		},
		[]string{"Sign in and induction", "Ground floor units", "Upper floor units", "Roof plant", "Service sheet signed"},
		[2]float64{3, 7.5},
		"normal", 2, 2, "service",
	},
	{
		"Breakdown", comfort, 20, "{unit} not cooling", "{role} reports the {kind} in {where} is running but not cooling. [Room reached {hot} °C yesterday.|Getting worse since Monday.|Staff have tried turning it off and on.] [Please attend today if possible.|Please call before arriving.]",
		[]string{
			"Attended to {tag} not cooling.", "[Found the system short of refrigerant: suction {low} kPa. Leak at the flare on the liquid line service valve, remade flare, pressure tested with nitrogen at 3,000 kPa for 30 minutes, evacuated to 400 microns and charged {kg} kg R32.|" +
				"Found the outdoor fan motor seized. Fitted a new motor and capacitor and tested.|Found filters and indoor coil fully blocked. Cleaned both and restored airflow.|Found the room thermistor open circuit; replaced and cleared the fault.|" +
				"Found the four-way valve sticking. Cycled and tapped free; will fail again, recommend replacement.]",
			"Supply air {supply} °C after repair, split {split} K.", "Ran for 30 minutes and watched pressures: suction {suction} kPa, discharge {discharge} kPa.", "[Customer advised on site.|Controller and filter sign explained to {role}.]",
		},
		[]string{"Call before arriving", "Find fault", "Repair and test", "Advise customer"},
		[2]float64{1.5, 4},
		"high", 2, 1, "repair",
	},
	{
		"Breakdown", comfort, 11, "Water leak from {unit}", "Water dripping from {tag} in {where}, bucket under it for now. [Ceiling tile is stained.|Close to a computer, please be quick.|Second time this year.]",
		[]string{
			"Attended to a water leak from {tag}.", "[Drain line blocked with slime: cleared with the wet vacuum, flushed and dosed with tablets.|Condensate pump failed: replaced with an Aspen Mini Orange and tested float switch.|Drain had fallen back towards the unit; re-hung with correct fall of 1:60.]",
			"Poured five litres through the tray without overflow.", "[Stained tile left for the building's handyman.|Wiped down and left the area clean.]", "Recommend a drain clean at each service.",
		},
		[]string{"Isolate unit", "Clear drain", "Test with water"},
		[2]float64{1, 2.5},
		"high", 1, 1, "repair",
	},
	{
		"Breakdown",
		[]string{"Cool room", "Under-bench fridge", "Vaccine fridge"},
		9, "{unit} temperature alarm", "{tag} in {where} alarming, product at {warm} °C. [Stock has been moved.|Urgent, stock at risk.|Alarm company called at 5 am.]",
		[]string{
			"Attended to a high temperature alarm on {tag}.", "[Evaporator iced up: defrost heater open circuit. Replaced heater, manually defrosted.|Condenser blocked with flour and fluff; cleaned and head pressure back to normal.|TX valve power head had lost charge; replaced, evacuated and recharged {kg} kg R404A.|Door seal torn and door not closing; replaced gasket.]",
			"Pulled down to {cold} °C in 50 minutes.", "Logger reset and checked against a reference thermometer.", "[Recommend keeping boxes clear of the fan.|Leave product out until 10 am.]",
		},
		[]string{"Secure stock with customer", "Find fault", "Watch pull-down"},
		[2]float64{2, 5},
		"urgent", 2, 1, "repair",
	},
	{
		"Breakdown", fans, 8, "{unit} [=noisy|trips|not running]", "{tag} in {where} is [=very noisy, people complain|tripping its breaker|not running and the fault light is on]. [Access through the caretaker.|Isolator is next to the fan.]",
		[]string{
			"Attended to {tag}.", "[=Bearings worn: replaced 6205-2RS pair, aligned and balanced the impeller.|Overload tripped on a blocked intake; cleared rubbish from the louvre and reset.|Belt broken: fitted two new SPZ 1250 belts, tensioned.]",
			"Running current {amps} A per phase, balanced.", "Noise now [acceptable|{db} dB(A) at three metres].", "Airflow proven and BMS status confirmed.",
		},
		[]string{"Lock out and tag", "Repair", "Prove airflow"},
		[2]float64{1.5, 5},
		"normal", 2, 2, "repair",
	},
	{
		"Breakdown", comfort, 6, "{unit} error code [U4|E6|P8|A3|L5|1504]", "Controller in {where} shows an error code and the unit will not start. [Happened after the storm.|Breaker is on.]",
		[]string{
			"Attended to an error code on {tag}.", "[Communication fault: a rat had chewed the control cable on the roof. Ran 12 m of new screened cable in conduit.|Drain float open; see water in tray. Cleared and reset.|Inverter PCB failed after a power surge. Fitted a new board from our stock.|High pressure trip, outdoor coil blocked by leaves; cleaned.]",
			"Power cycled and ran a full test from the controller, all indoor units responding.", "Error history cleared.",
		},
		[]string{"Read error history", "Repair", "Test run"},
		[2]float64{1.5, 3.5},
		"high", 2, 1, "repair",
	},
	{
		"Installation", comfort, 7, "Replace {kind} – {where}", "Remove and recycle the existing unit {tag} and install a new one of the same capacity in {where}. [After-hours work, crane booked for 6 am.|Power and drain to remain.|Patch and paint by others.]",
		[]string{
			"Decommissioned {tag} and recovered {kg} kg of refrigerant.", "Installed new {make} {code} on [existing brackets with new rubber mounts|a new galvanised frame].", "New pipework pair coil run and insulated, electrical connected by our electrician (CCEW lodged).",
			"Pressure tested at 4,000 kPa, evacuated to 300 microns, held.", "Commissioned: supply air {supply} °C, split {split} K, current {amps} A.", "Controller shown to {role}. Warranty registered.", "Old unit taken for recycling.",
		},
		[]string{"Order unit", "Book crane or lifter", "Remove old unit", "Install and pipe", "Electrical connection", "Commission and hand over"},
		[2]float64{5, 7.5},
		"normal", 3, 2, "project",
	},
	{
		"Installation",
		[]string{"Wall split", "Ceiling cassette"},
		5, "New {kind} – {where}", "Supply and install an additional system for {where}. [See quote for scope.|Outdoor unit on the east wall beside the existing ones.]",
		[]string{
			"Installed new {make} {code} in {where}.", "Outdoor unit on [wall brackets|a slab with rubber feet], pipe run {n} m in matching duct.", "Drain by gravity to the garden tap gully.", "New circuit from DB-1, 20 A RCBO, isolator at the unit.",
			"Commissioned and demonstrated. Supply air {supply} °C.", "Site cleaned, packaging removed.",
		},
		[]string{"Site measure", "Order unit", "Install", "Commission and hand over"},
		[2]float64{4, 7.5},
		"normal", 2, 2, "project",
	},
	{
		"Installation", nil, 3, "Ductwork changes – {where}", "Alter ductwork for the new layout in {where}: relocate two supply diffusers and one return grille. [Ceiling open from Monday.|Work after 5 pm.]",
		[]string{
			"Relocated two supply diffusers and one return grille in {where}.", "New 250 mm R1.0 flexible duct, taped and strapped, spigots sealed.", "Balanced: {flow} L/s and {flow2} L/s measured with the hood.", "Ceiling left open for the ceiling contractor.",
		},
		[]string{"Mark out with builder", "Move diffusers", "Air balance"},
		[2]float64{3, 7},
		"normal", 2, 2, "project",
	},
	{
		"Inspection", nil, 5, "Annual fire damper inspection", "AS 1851 annual inspection of fire dampers at {site}. [Access panels marked with red dots.|Building manager to arrange access to tenancies.]",
		[]string{"Inspected {n2} fire dampers to AS 1851.", "[All closed fully and were reset.|Two dampers obstructed by cabling and listed as defects, photos attached.|One fusible link missing; replaced.]", "Report and schedule attached."},
		[]string{"Arrange access", "Inspect and reset", "Issue report"},
		[2]float64{4, 7.5},
		"normal", 2, 2, "service",
	},
	{
		"Inspection", nil, 5, "Site inspection for quote – {where}", "Inspect and measure for [replacement of ageing plant|additional cooling|relocation of a unit] in {where}. Meet {role} on site.",
		[]string{"Met {role} on site and measured {where}.", "Heat load estimate {load} kW. [Existing circuit is sufficient.|A new circuit will be needed.|Switchboard has no spare ways.]", "Photos taken, quote to follow."},
		[]string{"Measure and photograph", "Write up scope"},
		[2]float64{0.75, 1.5},
		"low", 1, 1, "service",
	},
	{
		"Inspection", nil, 3, "Indoor air quality and CO₂ check", "Measure temperature, humidity, CO₂ and airflow in {n} rooms at {site}. [Requested after complaints of stuffiness.|Part of the annual WHS review.]",
		[]string{"Measured {n} rooms during normal occupation.", "CO₂ between {co2} and {co2b} ppm, humidity {rh} %.", "[Outside air damper found closed, opened and locked at 15 %.|All readings within recommended range.]", "Table of readings attached."},
		[]string{"Calibrate meter", "Measure", "Report"},
		[2]float64{1.5, 3},
		"normal", 1, 1, "service",
	},
	{
		"Warranty", comfort, 5, "Warranty – {unit} [=PCB fault|fan motor|compressor noise]", "Manufacturer's warranty call on {tag}, {make} {code}. Case number {case}. [Parts are sent to our workshop.|Call the manufacturer's help line from site.]",
		[]string{"Attended under manufacturer's warranty, case {case}.", "[=Replaced outdoor PCB with the part supplied.|Replaced indoor fan motor.|Compressor tested and found within limits; noise from loose panel, screws tightened.]", "Tested in cooling and heating.", "Faulty part returned."},
		[]string{"Get parts", "Replace and test", "Return faulty part"},
		[2]float64{1.5, 4},
		"normal", 2, 1, "warranty",
	},
	{
		"Electrical", nil, 5, "[=Replace isolators|Thermal scan of switchboards|New circuit] – {where}", "[=Weatherproof isolators at the plant are cracked, replace.|Thermographic scan of mechanical switchboards under load.|Dedicated circuit for the new unit.] Location: {where}.",
		[]string{"[=Replaced {n} isolators with IP66 type, labelled.|Scanned {n} boards; one hot neutral bar terminal at {hot2} °C tightened and rescanned at 34 °C.|Ran new 6 mm² circuit in conduit from DB-2, 32 A, tested.]", "Earth continuity and RCD tests passed, results attached.", "CCEW issued where required."},
		[]string{"Isolate and tag", "Carry out work", "Test and certify"},
		[2]float64{2, 5},
		"normal", 1, 2, "repair",
	},
	{
		"Refrigeration",
		[]string{"Cool room", "Under-bench fridge", "Vaccine fridge"},
		7, "Service {unit}", "Quarterly service of {tag} in {where}: clean condenser, check seals, log temperature.",
		[]string{"Serviced {tag} {make} {code}.", "Cleaned condenser coil and checked fan.", "Door gaskets and heater tape in order.", "Suction {suction} kPa, superheat {sh} K, box at {cold} °C.", "[Strip curtain torn, two strips replaced.|Lamp replaced.|No defects.]"},
		[]string{"Condenser clean", "Seals and hinges", "Temperature log"},
		[2]float64{1, 2.5},
		"normal", 1, 1, "service",
	},
	{
		"Refrigeration",
		[]string{"Vaccine fridge"},
		2, "Vaccine fridge calibration", "Annual calibration of {tag} for the cold chain audit (Strive for 5).",
		[]string{"Calibrated with a NATA traceable reference: error {err} °C.", "24-hour log downloaded, range 3.2 to 5.6 °C.", "Certificate attached."},
		[]string{"Calibrate", "Issue certificate"},
		[2]float64{1, 1.5},
		"normal", 1, 1, "service",
	},
	{
		"Maintenance", fans, 9, "Service {unit}", "[Six-monthly|Annual] service of {tag} in {where}: bearings, belts, mounts, operation, airflow.",
		[]string{"Serviced {tag} {make} {code}.", "Greased bearings, checked belts and pulleys.", "Impeller cleaned; anti-vibration mounts sound.", "Running current {amps} A.", "[CO sensors tested and calibrated.|Grease filters removed and soaked.|Interlock with the fire indicator panel tested.]"},
		[]string{"Lock out and tag", "Service", "Prove operation"},
		[2]float64{1, 3},
		"normal", 1, 1, "service",
	},
	{
		"Maintenance",
		[]string{"Evaporative cooler"},
		6, "[=Start-up|Shutdown] – {unit}", "Seasonal visit for {tag} on the roof: [=fit new pads|drain and cover], clean tank, check bleed and float.",
		[]string{"Attended {tag} {make} {code}.", "Tank drained and scrubbed, float valve adjusted.", "[=New pads fitted all round.|Pads rinsed, good for another season.]", "Water distribution even, bleed rate set.", "Cover [=removed|fitted]."},
		[]string{"Tank and pads", "Float and bleed", "Run test"},
		[2]float64{1.5, 3},
		"normal", 1, 2, "service",
	},
	{
		"Controls", nil, 4, "[=Thermostat replacement|Timer adjustment|Zone controller fault] – {where}", "[=Thermostat in {where} has a blank display.|Change running times for the holidays.|Zone damper in {where} does not open.] [Please show staff how to use it.|]",
		[]string{"[=Replaced thermostat with a new wired controller and set schedules.|Set new running times: 7:00 to 18:00 Monday to Friday, holidays off.|Replaced zone damper actuator (24 V) and re-addressed.]", "All zones tested from the controller.", "{role} shown how to [extend the timer|change the setpoint]."},
		[]string{"Replace or adjust", "Test zones", "Show staff"},
		[2]float64{0.75, 2},
		"normal", 1, 1, "repair",
	},
	{
		"Commissioning", nil, 3, "Commissioning and air balance – {where}", "Commission the new system and balance air to design in {where}. Witness test with the consultant.",
		[]string{"Commissioned and balanced all outlets within 10 % of design.", "Total supply {flow} L/s, outside air {flow2} L/s.", "Witnessed by the consultant; two minor items closed on site.", "Commissioning sheets and O&M manual attached."},
		[]string{"Pre-commission checks", "Balance", "Witness test", "O&M manual"},
		[2]float64{4, 7.5},
		"normal", 2, 2, "project",
	},
	{
		"Breakdown", comfort, 0, "Repair {kind}", "Repair as quoted.",
		[]string{"Carried out the quoted repair of {tag}.", "Parts fitted, system pressure tested with nitrogen, evacuated to 350 microns and charged {kg} kg R32.", "Supply air {supply} °C, split {split} K, running current {amps} A.", "Old parts taken away."},
		[]string{"Order parts", "Repair", "Test run"},
		[2]float64{3, 6},
		"normal", 1, 2, "project",
	},
	{
		"Electrical", nil, 0, "Switchboard upgrade", "Upgrade as quoted.",
		[]string{"Shut down the mechanical services switchboard as agreed.", "Replaced breakers, contactors and overloads as quoted, new labels and schedule.", "All circuits tested, results and certificate attached.", "Plant restarted and proven from the BMS."},
		[]string{"Agree shutdown", "Replace gear", "Test and certify", "Restart plant"},
		[2]float64{5, 7.5},
		"normal", 2, 2, "project",
	},
	{
		"Refrigeration",
		[]string{"Cool room"},
		0, "Replace condensing unit", "Replace as quoted.",
		[]string{"Removed the old condensing unit and recovered {kg} kg of refrigerant.", "Installed the new unit and evaporator, piped, pressure tested and evacuated.", "Charged with R448A; box at {cold} °C after two hours, superheat {sh} K.", "Alarm tested with {role}."},
		[]string{"Order unit", "Move stock with customer", "Install", "Watch pull-down"},
		[2]float64{6, 7.5},
		"normal", 2, 2, "project",
	},
	{
		"Controls", nil, 0, "Central controller", "Install as quoted.",
		[]string{"Installed and addressed the controls as quoted.", "Schedules set: 7:00 to 18:00 on weekdays, setpoints limited to 20 to 26 °C.", "Two people trained; manual left on site."},
		[]string{"Run cable", "Address units", "Train staff"},
		[2]float64{4, 7},
		"normal", 2, 1, "project",
	},
	{
		"Maintenance", nil, 0, "Small works", "Small works as quoted.",
		[]string{"Carried out the quoted work.", "Tested and shown to {role}.", "Site left clean."},
		[]string{"Collect material", "Carry out work"},
		[2]float64{1, 3},
		"normal", 1, 1, "project",
	},
}

// scope is a kind of quote, priced the way the business prices.
type scope struct {
	jobType     string
	weight      int
	plant       []string
	job         string // the sort of job it becomes: how its name begins
	name        string
	description string
	inclusions  string
	exclusions  string
	lines       []item
}

// item is a line of a quote: prices in cents, a span of quantities in steps.
type item struct {
	section, text  string
	low, high      int64 // unit price without tax
	from, to, step float64
	chance         float64 // how often the line is there; 0 is always
}

const (
	warrantyWords = "Labour, materials and travel. Recovery and disposal of old refrigerant by a licensed handler. Commissioning and a written report. Twelve months' warranty on our work; manufacturer's warranty on equipment."
	usualLimits   = "Work outside 7 am to 5 pm on weekdays unless stated. Builder's work, patching and painting. Repairs to existing plant not listed. Asbestos removal."
)

var scopes = []scope{
	{
		"Installation", 12, comfort, "Replace {kind}", "Replace {kind} – {where}", "Replace the existing {make} {code} ({tag}) in {where}, which has reached the end of its economic life, with a new inverter system of the same capacity.", warrantyWords, usualLimits,
		[]item{
			{"Equipment", "{make} {new}, {kw} kW reverse cycle, R32, with wired controller", 248000, 1190000, 1, 1, 1, 0},
			{"Equipment", "Galvanised mounting frame with rubber feet", 18500, 42000, 1, 2, 1, 0.7},
			{"Labour", "Technician, decommission, install and commission", 14500, 14500, 6, 18, 0.5, 0},
			{"Labour", "Apprentice", 7800, 7800, 4, 12, 0.5, 0.6},
			{"Labour", "Electrician, connection and certificate", 13800, 13800, 2, 5, 0.5, 0},
			{"Materials", "Insulated pair coil 9.52/15.88, per metre", 4690, 4690, 6, 24, 0.1, 0},
			{"Materials", "Drain, cable, duct and fixings", 12800, 31500, 1, 1, 1, 0},
			{"Access", "Crane lift, two hours, traffic control included", 145000, 230000, 1, 1, 1, 0.35},
			{"Access", "Discount for work together with the scheduled service", -18000, -9000, 1, 1, 1, 0.3},
		},
	},
	{
		"Installation", 7,
		[]string{"Wall split", "Ceiling cassette"},
		"New {kind}", "Additional {kind} – {where}", "Supply and install an additional system to cool and heat {where}.", warrantyWords, usualLimits,
		[]item{
			{"", "{make} {code}, {kw} kW, supplied and delivered", 165000, 520000, 1, 2, 1, 0},
			{"", "Installation labour, two people", 22300, 22300, 5, 12, 0.5, 0},
			{"", "Pipework, insulation and covers, per metre", 5840, 5840, 4, 18, 0.1, 0},
			{"", "Dedicated 20 A circuit from the distribution board", 48500, 96000, 1, 2, 1, 0},
			{"", "Condensate pump with safety float", 38900, 38900, 1, 1, 1, 0.4},
		},
	},
	{
		"Maintenance", 9, nil, "[Quarterly|Monthly", "[Annual|Three-year] maintenance agreement – {site}", "Preventive maintenance of all air conditioning at {site} as listed in the asset register, with readings, photos and a report after each visit.",
		"All visits in working hours, filters, cleaning agents and consumables. Call-outs for agreement customers within four working hours at reduced rates.", "Parts and refrigerant. Breakdown labour. Access equipment above three metres.",
		[]item{
			{"Visits", "Quarterly visit, comfort cooling", 42000, 128000, 4, 4, 1, 0},
			{"Visits", "Annual coil clean", 16500, 24500, 2, 14, 1, 0.8},
			{"Visits", "Annual fire damper inspection, per damper", 4850, 4850, 6, 42, 1, 0.4},
			{"Consumables", "Panel filters, G4", 1895, 3250, 8, 48, 1, 0},
			{"Consumables", "Drain tablets", 640, 640, 10, 40, 2, 0.6},
		},
	},
	{
		"Breakdown", 8, comfort, "Repair {kind}", "Repair {unit} – [=compressor|fan motor and board|coil]", "Repair of {tag}, {make} {code}, in {where} after our fault-finding visit.", warrantyWords, usualLimits,
		[]item{
			{"", "[=Compressor, scroll type, exchange|Outdoor fan motor and inverter board|Indoor coil, factory part] for {code}", 48000, 385000, 1, 1, 1, 0},
			{"", "Technician", 14500, 14500, 3, 11, 0.5, 0},
			{"", "Refrigerant R32, per kilogram", 9850, 9850, 0.8, 7.5, 0.1, 0},
			{"", "Nitrogen, filter drier and consumables", 8800, 16500, 1, 1, 1, 0},
			{"", "Freight, express", 4500, 12500, 1, 1, 1, 0.5},
		},
	},
	{
		"Installation", 5, nil, "Ductwork", "Ductwork and diffusers – {where}", "Alter the ductwork in {where} to suit the new room layout and balance the air.", warrantyWords, usualLimits,
		[]item{
			{"Ductwork", "Flexible duct 250 mm, R1.0, per metre", 4135, 4135, 6, 42, 0.5, 0},
			{"Ductwork", "Supply diffuser, four-way, with cushion head box", 18900, 24700, 2, 9, 1, 0},
			{"Ductwork", "Return air grille with filter", 21500, 28900, 1, 3, 1, 0.7},
			{"Labour", "Two-person crew", 22300, 22300, 6, 20, 0.5, 0},
			{"Labour", "Air balance and report", 78000, 116000, 1, 1, 1, 0.7},
		},
	},
	{
		"Electrical", 4, nil, "Switchboard", "Mechanical switchboard upgrade – {where}", "Replace obsolete breakers and contactors in the mechanical services switchboard in {where}, relabel and test.", "Shutdown notices, labels, drawings as built, test results and certificate of compliance.", "Upstream network charges. Generator hire.",
		[]item{
			{"Board", "Circuit breakers and RCBOs, supply and fit", 9650, 14300, 6, 24, 1, 0},
			{"Board", "Contactors and overloads", 18750, 29500, 2, 8, 1, 0},
			{"Board", "Surge protection device", 41500, 41500, 1, 1, 1, 0.6},
			{"Labour", "Electrician", 13800, 13800, 8, 20, 0.5, 0},
			{"Labour", "After-hours shutdown allowance", 52000, 88000, 1, 1, 1, 0.5},
		},
	},
	{
		"Refrigeration", 4,
		[]string{"Cool room"},
		"Replace condensing", "Replace condensing unit – {unit}", "Replace the condensing unit and evaporator of {tag} in {where} with a low-noise unit on R448A.", warrantyWords, "Loss of stock. Temporary refrigeration, available at extra cost.",
		[]item{
			{"", "Condensing unit {make} {new} with weather housing", 420000, 890000, 1, 1, 1, 0},
			{"", "Evaporator with electric defrost", 185000, 340000, 1, 1, 1, 0},
			{"", "Refrigeration mechanic", 15200, 15200, 8, 22, 0.5, 0},
			{"", "Refrigerant R448A, per kilogram", 11250, 11250, 2.5, 9, 0.1, 0},
			{"", "Digital controller with alarm to phone", 46500, 68500, 1, 1, 1, 0.6},
		},
	},
	{
		"Controls", 3, nil, "Central", "Central controller and scheduling – {site}", "Supply and set up a central controller so that all systems at {site} can be scheduled, locked and watched from one screen and by phone.", "Programming, labels, training of two staff and a remote check after one month.", "Network cabling by the customer's IT provider.",
		[]item{
			{"", "Central touch controller, up to 64 indoor units", 318000, 395000, 1, 1, 1, 0},
			{"", "Interface adapter per outdoor unit", 27500, 34500, 1, 6, 1, 0},
			{"", "Screened control cable, per metre", 385, 385, 30, 140, 2.5, 0},
			{"", "Programming and training", 16500, 16500, 4, 9, 0.5, 0},
		},
	},
	{
		"Installation", 0, nil, "Small works", "Air curtain – {where}", "Supply and install an air curtain.", warrantyWords, usualLimits,
		[]item{
			{"", "Air curtain 1,500 mm, ambient, with door switch", 142000, 189000, 1, 1, 1, 0},
			{"", "Technician and electrician", 14500, 14500, 4, 8, 0.5, 0},
			{"", "Mounting frame, cable and fixings", 9800, 24500, 1, 1, 1, 0},
		},
	},
	{
		"Controls", 0, nil, "Small works", "Controls – {where}", "Small changes to controls.", warrantyWords, usualLimits,
		[]item{
			{"", "Technician", 14500, 14500, 2, 4.5, 0.5, 0},
			{"", "Control cable and wall plate", 4800, 12500, 1, 1, 1, 0},
		},
	},
	{
		"Installation", 0, nil, "Ductwork", "Zoning – {where}", "Split the ducted system into zones.", warrantyWords, usualLimits,
		[]item{
			{"", "Motorised zone damper, 250 mm", 24500, 38500, 2, 4, 1, 0},
			{"", "Zone controller with two wall panels", 88500, 126000, 1, 1, 1, 0},
			{"", "Two-person crew", 22300, 22300, 5, 9, 0.5, 0},
			{"", "Flexible duct 250 mm, R1.0, per metre", 4135, 4135, 4, 12, 0.5, 0.7},
		},
	},
	{
		"Maintenance", 0, nil, "Small works", "Spare filters – {site}", "Sets of spare filters.", warrantyWords, usualLimits,
		[]item{
			{"", "Washable filter set for wall splits", 3850, 5200, 6, 24, 1, 0},
			{"", "Panel filter 595 × 595 × 50, G4", 1895, 3250, 4, 20, 1, 0},
			{"", "Delivery to each site", 4500, 4500, 1, 6, 1, 0},
		},
	},
}

// asks are what contacts type into the portal when they want a price.
var asks = []struct {
	name, text string
	estimate   int64
	scope      string // what it is priced as: how the scope's name begins
}{
	{"Cooling for the new consulting room", "We are turning the storeroom next to reception into a consulting room (about 3.4 × 4.1 m, one west-facing window). Please quote for a quiet split system.", 350000, "Additional"},
	{"Replace the noisy outdoor unit", "The outdoor unit by the back door has become so noisy that the neighbours have complained. It is probably fifteen years old. Please quote for a replacement.", 600000, "Replace {kind}"},
	{"Extra service before the hot weather", "Could we have a price for an extra service of all units before the hot weather, please? Last year two of them failed in the first heatwave.", 0, "[Annual"},
	{"Fresh air for the meeting room", "The meeting room gets stuffy with eight people in it. What would it cost to bring in outside air?", 250000, "Ductwork"},
	{"Move thermostat", "The controller is behind the new cupboard. Please quote to move it about two metres to the left.", 50000, "Controls"},
	{"Air curtain for the entrance", "Our entrance is open all day and the cool air goes straight out. We would like a price for an air curtain, 1.5 m wide.", 280000, "Air curtain"},
	{"Zoning for upstairs", "We only use half of the upper floor on most days. Can the ducted system be split into two zones?", 400000, "Zoning"},
	{"Filters for all sites", "Please price a set of spare filters for each of our sites so that our own people can change them between services.", 80000, "Spare"},
}

// troubles are what contacts type into the portal when something is wrong.
var troubles = []struct{ jobType, name, text string }{
	{"Breakdown", "Air conditioner blowing warm air", "It started this morning. The display shows 24 but the room is much warmer and the air feels warm. The outdoor unit is humming but the fan is not turning."},
	{"Breakdown", "Water dripping on the floor", "There is a slow drip from the front of the unit. We have put a towel under it. Could somebody look at it this week, please?"},
	{"Maintenance", "Please bring the next service forward", "We are closed for staff training on Friday afternoon; that would be an ideal time for the service."},
	{"Controls", "Remote control lost", "The remote of the wall unit has disappeared. Can you bring a new one on your next visit?"},
	{"Breakdown", "Strange smell when it starts", "There is a musty smell for the first ten minutes each morning. Patients have noticed."},
	{"Breakdown", "Exhaust fan rattles", "The fan in the ceiling rattles when it starts and then settles down. It is getting worse."},
	{"Inspection", "Check before lease renewal", "Our landlord needs a condition report of the air conditioning before the end of the month."},
	{"Breakdown", "Breaker trips when the unit starts", "The breaker has tripped three times since yesterday. We have left it off now."},
}

// chatter is what is said about jobs, turn by turn: customer, office, customer.
// The first word is the status in which one talks like that.
var chatter = []struct {
	status string
	turns  []string
}{
	{"booked", []string{"Hi, will somebody call before arriving? The door code changes on Fridays.", "Yes, the technician calls half an hour before. I have put a note on the job.", "Perfect, thank you."}},
	{"booked", []string{"Can this be done before we open at 8:30?", "We will try to be there at 7:00. Is anybody there to let us in?", "I will be there from 6:45."}},
	{"booked", []string{"Please park in the visitors' bay, the dock is being resurfaced.", "Thanks, I have told the technician."}},
	{"deferred", []string{"Is the part in yet?", "The supplier has promised it for Thursday. We will call you with a date as soon as we have it.", "Great, thanks for the update."}},
	{"in progress", []string{"Your colleague is here. Can he look at the controller in reception too?", "Of course, I have told him. It goes on the same job."}},
	{"closed", []string{"The room is fine again. Thanks for coming so quickly.", "Good to hear! The report is attached."}},
	{"closed", []string{"Please send the invoice with our purchase order on it, otherwise accounts sends it back.", "Done, the order number is on the job now."}},
	{"completed", []string{"All good so far. Is there anything we should do ourselves?", "Rinse the filters once a month and keep the return air grille free, that is all.", "Will do, thank you."}},
}

// doubts are questions about a quote, each with its answer.
var doubts = [][2]string{
	{"Does the price include access equipment?", "Yes, everything listed in the lines and under inclusions."},
	{"How long would the room be without cooling?", "One working day; we bring a portable cooler."},
	{"Could you do it on a Saturday?", "Saturday is possible, the after-hours rate applies."},
}

// notes are what the office writes for itself.
var notes = []string{
	"Spare key is in the lockbox at our workshop, hook 14.", "Parking only in the loading zone, 30 minutes. Take the small van.", "Ask for a purchase order before ordering parts.", "Last invoice was disputed over travel time; log it separately.",
	"Ladder 3.6 m needed. Roof hatch sticks.", "Site induction is online and takes 20 minutes; do it the day before.", "Dog on site, ring the bell twice.", "Quiet hours until 9:00. No drilling.",
}
