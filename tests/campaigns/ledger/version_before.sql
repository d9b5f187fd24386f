BEGIN TRANSACTION;
CREATE TABLE smsmanager_campaign (
	id INTEGER NOT NULL,
	name TEXT NOT NULL,
	version SMALLINT NOT NULL,
	token TEXT NOT NULL,
	created_at FLOAT NOT NULL,
	complete BOOLEAN NOT NULL,
	source TEXT,
	fingerprint TEXT,
	options TEXT NOT NULL,
	messages BIGINT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (name)
);
INSERT INTO "smsmanager_campaign" VALUES(1,'campaign',1,'362d8333ef6c',1.79572634243382191652e+09,1,'people.csv',NULL,'{"references":true,"shared":{"sender":"Shop"},"concurrency":1,"requests_per_s":1,"attempts":3,"stop_after":10,"window":null,"update_every_s":1.0,"target":"this machine"}',50);
CREATE TABLE smsmanager_campaign_asked (
	campaign INTEGER NOT NULL,
	"row" BIGINT NOT NULL,
	finding TEXT,
	evidence TEXT,
	cancellation TEXT,
	PRIMARY KEY (campaign, "row")
)
 WITHOUT ROWID

;
CREATE TABLE smsmanager_campaign_content (
	campaign INTEGER NOT NULL,
	id BIGINT NOT NULL,
	fields TEXT NOT NULL,
	size INTEGER NOT NULL,
	reference TEXT,
	PRIMARY KEY (campaign, id)
)
 WITHOUT ROWID

;
INSERT INTO "smsmanager_campaign_content" VALUES(1,1,'{"body":"Hello 1"}',290,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,2,'{"body":"Hello 2"}',290,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,3,'{"body":"Hello 3"}',290,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,4,'{"body":"Hello 4"}',290,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,5,'{"body":"Hello 5"}',290,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,6,'{"body":"Hello 6"}',290,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,7,'{"body":"Hello 7"}',290,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,8,'{"body":"Hello 8"}',290,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,9,'{"body":"Hello 9"}',290,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,10,'{"body":"Hello 10"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,11,'{"body":"Hello 11"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,12,'{"body":"Hello 12"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,13,'{"body":"Hello 13"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,14,'{"body":"Hello 14"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,15,'{"body":"Hello 15"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,16,'{"body":"Hello 16"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,17,'{"body":"Hello 17"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,18,'{"body":"Hello 18"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,19,'{"body":"Hello 19"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,20,'{"body":"Hello 20"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,21,'{"body":"Hello 21"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,22,'{"body":"Hello 22"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,23,'{"body":"Hello 23"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,24,'{"body":"Hello 24"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,25,'{"body":"Hello 25"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,26,'{"body":"Hello 26"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,27,'{"body":"Hello 27"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,28,'{"body":"Hello 28"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,29,'{"body":"Hello 29"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,30,'{"body":"Hello 30"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,31,'{"body":"Hello 31"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,32,'{"body":"Hello 32"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,33,'{"body":"Hello 33"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,34,'{"body":"Hello 34"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,35,'{"body":"Hello 35"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,36,'{"body":"Hello 36"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,37,'{"body":"Hello 37"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,38,'{"body":"Hello 38"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,39,'{"body":"Hello 39"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,40,'{"body":"Hello 40"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,41,'{"body":"Hello 41"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,42,'{"body":"Hello 42"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,43,'{"body":"Hello 43"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,44,'{"body":"Hello 44"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,45,'{"body":"Hello 45"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,46,'{"body":"Hello 46"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,47,'{"body":"Hello 47"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,48,'{"body":"Hello 48"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,49,'{"body":"Hello 49"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,50,'{"body":"Hello 50"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,51,'{"body":"Hello 51"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,52,'{"body":"Hello 52"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,53,'{"body":"Hello 53"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,54,'{"body":"Hello 54"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,55,'{"body":"Hello 55"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,56,'{"body":"Hello 56"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,57,'{"body":"Hello 57"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,58,'{"body":"Hello 58"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,59,'{"body":"Hello 59"}',291,NULL);
INSERT INTO "smsmanager_campaign_content" VALUES(1,60,'{"body":"Hello 60"}',291,NULL);
CREATE TABLE smsmanager_campaign_delivery (
	campaign INTEGER NOT NULL,
	"row" BIGINT NOT NULL,
	gateway TEXT NOT NULL,
	message_id TEXT,
	result TEXT NOT NULL,
	rank SMALLINT NOT NULL,
	at FLOAT,
	tie BIGINT NOT NULL,
	code INTEGER,
	mcc INTEGER,
	parts INTEGER,
	price_czk BIGINT,
	price_eur BIGINT,
	PRIMARY KEY (campaign, "row", gateway)
)
 WITHOUT ROWID

;
INSERT INTO "smsmanager_campaign_delivery" VALUES(1,1,'sms','m420700000001.0-0','delivered',50,1893492000.0,2967671976,NULL,NULL,2,1500000,NULL);
CREATE TABLE smsmanager_campaign_earlier (
	campaign INTEGER NOT NULL,
	"row" BIGINT NOT NULL,
	message BIGINT NOT NULL,
	PRIMARY KEY (campaign, "row", message)
)
 WITHOUT ROWID

;
CREATE TABLE smsmanager_campaign_request (
	campaign INTEGER NOT NULL,
	first BIGINT NOT NULL,
	last BIGINT NOT NULL,
	at FLOAT NOT NULL,
	request_id TEXT,
	PRIMARY KEY (campaign, first)
)
 WITHOUT ROWID

;
INSERT INTO "smsmanager_campaign_request" VALUES(1,1,10,1894017600.0,NULL);
INSERT INTO "smsmanager_campaign_request" VALUES(1,11,20,1894017601.0,'r420700000011');
INSERT INTO "smsmanager_campaign_request" VALUES(1,21,30,1894017602.0,NULL);
INSERT INTO "smsmanager_campaign_request" VALUES(1,31,40,1894017603.0,NULL);
INSERT INTO "smsmanager_campaign_request" VALUES(1,41,50,1894017604.0,NULL);
CREATE TABLE smsmanager_campaign_row (
	campaign INTEGER NOT NULL,
	"row" BIGINT NOT NULL,
	state TEXT NOT NULL,
	phone_number TEXT,
	content BIGINT,
	message BIGINT,
	place SMALLINT,
	message_id TEXT,
	tried SMALLINT NOT NULL,
	doubt TEXT,
	field TEXT,
	reason TEXT,
	PRIMARY KEY (campaign, "row")
)
 WITHOUT ROWID

;
INSERT INTO "smsmanager_campaign_row" VALUES(1,1,'accepted','420700000001',1,1,0,'m420700000001.0-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,2,'accepted','420700000002',2,2,0,'m420700000001.1-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,3,'accepted','420700000003',3,3,0,'m420700000001.2-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,4,'accepted','420700000004',4,4,0,'m420700000001.3-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,5,'accepted','420700000005',5,5,0,'m420700000001.4-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,6,'accepted','420700000006',6,6,0,'m420700000001.5-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,7,'accepted','420700000007',7,7,0,'m420700000001.6-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,8,'accepted','420700000008',8,8,0,'m420700000001.7-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,9,'accepted','420700000009',9,9,0,'m420700000001.8-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,10,'accepted','420700000010',10,10,0,'m420700000001.9-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,11,'accepted','420700000011',11,11,0,'m420700000011.0-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,12,'accepted','420700000012',12,12,0,'m420700000011.1-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,13,'accepted','420700000013',13,13,0,'m420700000011.2-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,14,'accepted','420700000014',14,14,0,'m420700000011.3-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,15,'accepted','420700000015',15,15,0,'m420700000011.4-0',0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,16,'rejected','420700000016',16,16,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,17,'rejected','420700000017',17,17,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,18,'rejected','420700000018',18,18,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,19,'unconfirmed','420700000019',19,19,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,20,'unconfirmed','420700000020',20,20,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,21,'unknown','420700000021',21,21,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,22,'unknown','420700000022',22,22,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,23,'unknown','420700000023',23,23,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,24,'unknown','420700000024',24,24,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,25,'unknown','420700000025',25,25,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,26,'unknown','420700000026',26,26,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,27,'unknown','420700000027',27,27,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,28,'unknown','420700000028',28,28,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,29,'unknown','420700000029',29,29,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,30,'unknown','420700000030',30,30,0,NULL,0,NULL,NULL,'OutcomeUnknownError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,31,'not_sent','420700000031',31,31,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,32,'not_sent','420700000032',32,32,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,33,'not_sent','420700000033',33,33,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,34,'not_sent','420700000034',34,34,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,35,'not_sent','420700000035',35,35,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,36,'not_sent','420700000036',36,36,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,37,'not_sent','420700000037',37,37,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,38,'not_sent','420700000038',38,38,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,39,'not_sent','420700000039',39,39,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,40,'not_sent','420700000040',40,40,0,NULL,0,NULL,NULL,'BadRequestError');
INSERT INTO "smsmanager_campaign_row" VALUES(1,41,'in_flight','420700000041',41,41,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,42,'in_flight','420700000042',42,42,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,43,'in_flight','420700000043',43,43,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,44,'in_flight','420700000044',44,44,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,45,'in_flight','420700000045',45,45,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,46,'in_flight','420700000046',46,46,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,47,'in_flight','420700000047',47,47,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,48,'in_flight','420700000048',48,48,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,49,'in_flight','420700000049',49,49,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,50,'in_flight','420700000050',50,50,0,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,51,'pending','420700000051',51,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,52,'pending','420700000052',52,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,53,'pending','420700000053',53,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,54,'pending','420700000054',54,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,55,'pending','420700000055',55,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,56,'pending','420700000056',56,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,57,'pending','420700000057',57,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,58,'pending','420700000058',58,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,59,'pending','420700000059',59,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,60,'pending','420700000060',60,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "smsmanager_campaign_row" VALUES(1,61,'refused',NULL,NULL,NULL,NULL,NULL,0,NULL,'phone_number','is empty');
CREATE INDEX smsmanager_campaign_content_reference ON smsmanager_campaign_content (campaign, reference);
CREATE INDEX smsmanager_campaign_row_message ON smsmanager_campaign_row (campaign, message);
CREATE INDEX smsmanager_campaign_row_message_id ON smsmanager_campaign_row (campaign, message_id);
COMMIT;
