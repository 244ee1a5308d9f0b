"""pyetrade, as its authors published it, through a day at the simulated E*TRADE."""
import json
import re
import sys

import pyetrade
import requests

settings = json.loads(sys.argv[1])
SIMULATOR = settings["url"]
KEY, SECRET = settings["clientId"], settings["clientSecret"]


def signed_in():
    oauth = pyetrade.ETradeOAuth(KEY, SECRET)
    oauth.req_token_url = SIMULATOR + "/oauth/request_token"
    oauth.access_token_url = SIMULATOR + "/oauth/access_token"
    oauth.auth_token_url = SIMULATOR + "/e/t/etws/authorize"
    page = oauth.get_request_token()
    answer = requests.post(page, data={"username": "anna", "password": "secret", "decision": "allow"})
    tokens = oauth.get_access_token(re.search(r'id="notice">(\w+)<', answer.text).group(1))
    return tokens["oauth_token"], tokens["oauth_token_secret"]


token, token_secret = signed_in()
manager = pyetrade.ETradeAccessManager(KEY, SECRET, token, token_secret)
manager.renew_access_token_url = SIMULATOR + "/oauth/renew_access_token"
manager.revoke_access_token_url = SIMULATOR + "/oauth/revoke_access_token"
accounts, market, orders = (
    client(KEY, SECRET, token, token_secret, dev=False)
    for client in (pyetrade.ETradeAccounts, pyetrade.ETradeMarket, pyetrade.ETradeOrder)
)
accounts.base_url = orders.base_url = SIMULATOR + "/v1/accounts"
market.base_url = SIMULATOR + "/v1/market/"

listed = accounts.list_accounts(resp_format="json")["AccountListResponse"]["Accounts"]["Account"]
key = listed[0]["accountIdKey"]
balance = accounts.get_account_balance(key)["BalanceResponse"]
portfolio = accounts.get_account_portfolio(key)["PortfolioResponse"]["AccountPortfolio"]
quote = market.get_quote(["AAPL"], detail_flag="ALL")["QuoteResponse"]["QuoteData"]
empty = orders.list_orders(key)

order = {
    "accountIdKey": key, "symbol": "AAPL", "orderAction": "BUY", "priceType": "LIMIT", "limitPrice": 200.0,
    "quantity": 5, "orderTerm": "GOOD_FOR_DAY", "marketSession": "REGULAR",
}
placed = orders.place_equity_order(clientOrderId="PYETRADE1", **order)["PlaceOrderResponse"]["OrderIds"]["orderId"]
try:
    orders.place_equity_order(clientOrderId="PYETRADE1", **order)
    repeated = "taken"
except Exception as error:
    repeated = str(error)
read = orders.list_order_details(key, placed)["OrdersResponse"]["Order"][0]["OrderDetail"][0]
changed = orders.place_changed_equity_order(clientOrderId="PYETRADE2", orderId=placed, **{**order, "limitPrice": 201.0})
new_id = changed["PlaceOrderResponse"]["OrderIds"]["orderId"]
old = orders.list_order_details(key, placed)["OrdersResponse"]["Order"][0]["OrderDetail"][0]
cancelled = orders.cancel_order(key, new_id)["CancelOrderResponse"]
stop = orders.place_equity_order(
    clientOrderId="PYETRADE3",
    **{**order, "symbol": "MSFT", "orderAction": "SELL", "priceType": "STOP", "stopPrice": 380.006, "limitPrice": 0}
)["PlaceOrderResponse"]["OrderIds"]["orderId"]
resting = orders.list_orders(key, status="OPEN")["OrdersResponse"]["Order"]
option = orders.place_option_order(
    clientOrderId="PYETRADE4", callPut="CALL", expiryDate="2026-06-18", strikePrice=210,
    **{**order, "orderAction": "BUY_OPEN", "limitPrice": 6.4, "quantity": 1}
)["PlaceOrderResponse"]["OrderIds"]["orderId"]
options = orders.find_option_orders(key, "AAPL", "CALL", "2026-06-18", 210)

print(json.dumps({
    "sign in": [len(listed), manager.renew_access_token(), manager.revoke_access_token()],
    "account": balance["Computed"]["cashBuyingPower"],
    "quotes": quote["All"]["bid"],
    "place": repeated,
    "read": [read["status"], read["limitPrice"]],
    "replace": [old["status"], str(old["replacedByOrderId"]) == new_id],
    "cancel": cancelled["orderId"] == new_id,
    "list": {
        "empty": empty,
        "resting": [[found["orderId"] == int(stop), found["OrderDetail"][0]["stopPrice"]] for found in resting],
        "option": [found["orderId"] == int(option) for found in options],
    },
    "positions": portfolio["Position"]["Product"]["symbol"],
}))
