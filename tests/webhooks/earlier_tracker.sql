-- What a tracker of version 0.1 kept; made by it.
CREATE TABLE smsmanager_claims (
    "key" VARCHAR(64) NOT NULL,
    until_s DOUBLE PRECISION NOT NULL,
    claimed_s DOUBLE PRECISION NOT NULL,
    PRIMARY KEY ("key")
);
INSERT INTO "smsmanager_claims" VALUES('0e6c1f7a1edf6e5c8c5adb3e598d7ca3c37ed99648def72a6772baf88b98ff70',1.0e+300,1767225700.0);
INSERT INTO "smsmanager_claims" VALUES('acc1e5c60d4837104d2e1cebc0c325d168db063d584a89ffdb20e1713abe1ddb',1.0e+300,1767225700.0);
INSERT INTO "smsmanager_claims" VALUES('cfa8582e4f7eb567a8a0c034c482887ede720ed314b31e21b584981d4b24a622',1.0e+300,1767225700.0);
CREATE TABLE smsmanager_sends (
    "key" VARCHAR(64) NOT NULL,
    reference VARCHAR(200),
    outcome TEXT NOT NULL,
    recorded_s DOUBLE PRECISION NOT NULL,
    PRIMARY KEY ("key")
);
INSERT INTO "smsmanager_sends" VALUES('e90c44470c58476107900e0f2827e83361a0849f32c80581ed8d6744b395d15f','xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx','{"index": 0, "given": "420777123456", "phone_number": "420777123456", "status": "unknown", "message_id": null, "request_id": null, "message_index": 0, "reference": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}',1767225700.0);
INSERT INTO "smsmanager_sends" VALUES('f3618c94df9712db94535d3f49df495c7c707ba7a0d7605483d802345b9cc6bd','order-17','{"index": 0, "given": "420777123456", "phone_number": "420777123456", "status": "accepted", "message_id": "m-0", "request_id": "q", "message_index": 0, "reference": "order-17"}',1767225700.0);
CREATE TABLE smsmanager_states (
    message_id VARCHAR(200) NOT NULL,
    rank INTEGER NOT NULL,
    at_s DOUBLE PRECISION NOT NULL,
    tie BIGINT NOT NULL,
    result VARCHAR(200) NOT NULL,
    gateway VARCHAR(200),
    code BIGINT,
    description VARCHAR(200) NOT NULL,
    channel TEXT,
    phone_number VARCHAR(200) NOT NULL,
    reference VARCHAR(200) NOT NULL,
    request_id VARCHAR(200) NOT NULL,
    touched_s DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (message_id)
);
INSERT INTO "smsmanager_states" VALUES('long',50,-1.0e+15,2375536244,'delivered','sms',0,'Delivered','{"sender": "Shop", "route": "high", "mcc": 230, "mnc": 1, "price_czk": "1.05", "price_eur": "0.042", "parts": 2}','420777123456','xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx','bc36f3d1-d284-463a-921b-a3560c154649',1767225700.0);
INSERT INTO "smsmanager_states" VALUES('m-0',50,1767225600.0,2375536244,'delivered','sms',0,'Delivered','{"sender": "Shop", "route": "high", "mcc": 230, "mnc": 1, "price_czk": "1.05", "price_eur": "0.042", "parts": 2}','420777123456','order-17','bc36f3d1-d284-463a-921b-a3560c154649',1767225700.0);
INSERT INTO "smsmanager_states" VALUES('n',70,1767225600.0,2895512406,'rejected','viber',307,'Credit',NULL,'420777123456','','bc36f3d1-d284-463a-921b-a3560c154649',1767225700.0);
CREATE INDEX ix_smsmanager_states_reference ON smsmanager_states (reference);
CREATE INDEX ix_smsmanager_states_request_id ON smsmanager_states (request_id);
CREATE INDEX ix_smsmanager_states_touched_s ON smsmanager_states (touched_s);
CREATE INDEX ix_smsmanager_sends_recorded_s ON smsmanager_sends (recorded_s);
CREATE INDEX ix_smsmanager_sends_reference ON smsmanager_sends (reference);
CREATE INDEX ix_smsmanager_claims_claimed_s ON smsmanager_claims (claimed_s);
