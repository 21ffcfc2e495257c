package demo

// model is a piece of plant as its nameplate tells it. The makes are those of
// the trade; the model codes only look like theirs.
type model struct {
	make, code string
	kw         float64
}

// plant lists, for each type of equipment, what it is called on site, its
// letter in the customer's asset register, and the models around.
var plant = map[string]struct {
	name, tag string
	models    []model
	years     int // how long it lasts
	months    int // between services
}{
	"Wall split": {"wall split", "AC", []model{
		{"Daikin", "FTXM35WV-NA", 3.5},
		{"Daikin", "FTXM50WV-NA", 5.0},
		{"Mitsubishi Electric", "MSZ-AP50VG-K", 5.0},
		{"Mitsubishi Electric", "MSZ-AP25VG-K", 2.5},
		{"Fujitsu", "ASTG24KMTE", 7.1},
		{"Fujitsu", "ASTG12KMTE", 3.4},
		{"Panasonic", "CS-Z42XKR-N", 4.2},
		{"Mitsubishi Heavy", "SRK63ZRA-W", 6.3},
	}, 12, 6},
	"Ceiling cassette": {"ceiling cassette", "CC", []model{
		{"Daikin", "FCQN71FV-N", 7.1}, {"Daikin", "FCQN100FV-N", 10.0}, {"Mitsubishi Electric", "PLA-M125EA-K", 12.5}, {"Mitsubishi Electric", "PLA-M71EA-K", 7.1}, {"Fujitsu", "AUTG36KRLA", 9.5}, {"Toshiba", "RAV-GM801UT", 7.1},
	}, 14, 6},
	"Ducted split": {"ducted system", "DS", []model{
		{"ActronAir", "CRV14AS-N", 14.0}, {"ActronAir", "CRV17AT-N", 16.8}, {"Daikin", "FDYAN125A-CV", 12.5}, {"Daikin", "FDYQN160LB-LY", 16.0}, {"Mitsubishi Electric", "PEA-M140GAA-K", 14.0}, {"Fujitsu", "ARTG54LHTB", 14.0}, {"Temperzone", "ISD181KYX", 17.5},
	}, 15, 6},
	"Rooftop package unit": {"rooftop package unit", "RTU", []model{
		{"Temperzone", "OPA410RKTBG", 40.0}, {"Temperzone", "OPA295RKTBG", 29.0}, {"ActronAir", "PKV290T-R", 28.5}, {"ActronAir", "PKV400T-R", 39.8}, {"Carrier", "50TCQA12-W", 35.0},
	}, 18, 3},
	"VRF outdoor unit": {"VRF outdoor unit", "VRF", []model{
		{"Daikin", "RXYQ16TAY-N", 45.0}, {"Daikin", "RXYQ10TAY-N", 28.0}, {"Mitsubishi Electric", "PUHY-P350YNW-A", 40.0}, {"Toshiba", "MMY-MAP1206HT8", 33.5}, {"Fujitsu", "AJTA40LCLAH", 40.0},
	}, 18, 3},
	"Multi-split outdoor unit": {"multi-split outdoor unit", "MS", []model{{"Daikin", "4MXM100TVMA-N", 10.0}, {"Mitsubishi Electric", "MXZ-5F100VG-K", 10.0}, {"Fujitsu", "AOTG45LBTA5", 12.5}}, 12, 12},
	"Fan coil unit":            {"fan coil unit", "FCU", []model{{"Temperzone", "IMD075CQ", 7.3}, {"Temperzone", "IMD150CQ", 14.6}, {"Carrier", "42CE-06L", 5.6}, {"York", "YGFC-08C", 6.8}}, 20, 6},
	"Server room unit":         {"server room unit", "CRAC", []model{{"Vertiv", "PX041DA-S", 41.0}, {"Mitsubishi Electric", "PKA-M100KA-K", 10.0}, {"Daikin", "FAQ100CV-S", 10.0}}, 12, 3},
	"Evaporative cooler":       {"evaporative cooler", "EC", []model{{"Braemar", "TBSI-590V", 0}, {"Breezair", "EXV-210T", 0}, {"Bonaire", "VSL75-P", 0}}, 15, 12},
	"Exhaust fan":              {"exhaust fan", "EF", []model{{"Fantech", "CPD0354-EC", 0}, {"Fantech", "RIL-315S", 0}, {"Systemair", "DVS-311EV", 0}}, 15, 12},
	"Kitchen exhaust fan":      {"kitchen exhaust fan", "KEF", []model{{"Fantech", "CE404V-K", 0}, {"Fantech", "HCE-454K", 0}}, 12, 6},
	"Carpark exhaust fan":      {"carpark exhaust fan", "CEF", []model{{"Fantech", "APD0804CP", 0}, {"Fantech", "APD1004CP", 0}, {"Systemair", "AXC-900B", 0}}, 20, 6},
	"Corridor supply fan":      {"corridor supply fan", "SF", []model{{"Fantech", "SWD0454", 0}, {"Fantech", "PowerLine PL355EC", 0}}, 18, 12},
	"Stair pressurisation fan": {"stair pressurisation fan", "SPF", []model{{"Fantech", "APP1006-SP", 0}, {"Systemair", "AXR-1000SP", 0}}, 20, 6},
	"Pump room fan":            {"pump room fan", "PF", []model{{"Fantech", "TD-800N", 0}, {"Systemair", "K250-PR", 0}}, 15, 12},
	"Air curtain":              {"air curtain", "CURT", []model{{"Airtech", "RM-3512S", 0}, {"Thermoscreens", "C1500E", 0}}, 12, 12},
	"Condensate pump":          {"condensate pump", "CP", []model{{"Aspen", "Mini Orange-S", 0}, {"Sauermann", "Si-30D", 0}}, 6, 6},
	"Cool room":                {"cool room", "CR", []model{{"Kirby", "KA-22MHT", 3.1}, {"Bitzer", "LH64-2EC", 5.2}, {"Heatcraft", "ZXM-045E", 7.8}}, 15, 3},
	"Under-bench fridge":       {"under-bench fridge", "UB", []model{{"Skope", "BC-180-2", 0.4}, {"Bromic", "UBC-1360S", 0.5}}, 10, 12},
	"Vaccine fridge":           {"vaccine fridge", "VF", []model{{"Vacc-Safe", "VS-400", 0.3}, {"Rollex", "PH-265", 0.3}}, 10, 6},
}
